"""Makes ``emotion``: word vectors that know how music is described (``espr train words``).

1. Words: those of ``glove`` and the terms of ESPR's lexicon of expression (:mod:`.sources`).
2. Base: plain GloVe beside a sentence encoder's vectors of the word in contexts, "a … performance"
   among them (:mod:`.base`, :mod:`.sentences`).
3. Emotion: valence, arousal and the emotions of GoEmotions, learned from labelled comments and
   read off each word in its contexts (:mod:`.emotion`).
4. Attract-repel: synonyms and a term's gloss together, antonyms apart (:mod:`.constraints`,
   :mod:`.attract_repel`).
5. Reduced to 300 components and quantised (:mod:`.building`).

:mod:`.checks` measures the result on pairs and groups of words that no step saw.
"""
