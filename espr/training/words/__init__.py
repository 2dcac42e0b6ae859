"""Makes ``emotion``: word vectors that know how music is described (``espr train words``).

1. Words: those of ``glove`` and the terms of ESPR's lexicon of expression (:mod:`.sources`).
2. Base: plain GloVe beside a sentence encoder's vectors of the word in "the pianist plays in a …
   way" (:mod:`.base`, :mod:`.sentences`).
3. Emotion: valence, arousal and the emotions of GoEmotions, learned from labelled comments and
   rated words (:mod:`.emotion`).
4. Terms of the lexicon drawn to their gloss, and all reduced to 300 components (:mod:`.building`).
5. Attract-repel: synonyms and terms with their gloss together, antonyms apart
   (:mod:`.constraints`, :mod:`.attract_repel`).
6. Forms of a word drawn to the one that describes best, opposites by a prefix or suffix turned
   apart (:mod:`.forms`).
7. Quantised (:mod:`.writing`).

:mod:`.checks` measures the result on pairs that no constraint, gloss or rating saw, and on groups
of words.
"""
