# fish completion for espr
# Made by `make shell-files` from the commands themselves; do not edit.

function __espr_command
    set -l words (commandline -opc)
    set -l command espr
    set -l skip 0
    for word in $words[2..-1]
        if test $skip = 1
            set skip 0
            continue
        end
        switch "$command $word"
            case 'espr index' 'espr query' 'espr show' 'espr words' 'espr check' 'espr repair' 'espr backup' 'espr restore' 'espr merge' 'espr doctor' 'espr demo' 'espr evaluate' 'espr pieces' 'espr pieces show' 'espr pieces rename' 'espr pieces merge' 'espr pieces assign' 'espr models' 'espr models add' 'espr models remove' 'espr train' 'espr train query-model' 'espr train midlevel' 'espr train words'
                set command "$command $word"
            case 'espr index --pieces' 'espr index -j' 'espr index --jobs' 'espr index --encoder' 'espr index --library' 'espr query -p' 'espr query --piece' 'espr query -n' 'espr query --top' 'espr query --not' 'espr query --weight' 'espr query --like' 'espr query --space' 'espr query --queries' 'espr query --m3u' 'espr query --library' 'espr show --space' 'espr show --library' 'espr words --between' 'espr words --text' 'espr words --space' 'espr check --library' 'espr repair --library' 'espr backup --library' 'espr restore --library' 'espr merge --library' 'espr doctor --library' 'espr demo --keep' 'espr evaluate --data-dir' 'espr evaluate --dataset' 'espr evaluate --queries' 'espr evaluate --group' 'espr evaluate --table' 'espr evaluate --text' 'espr evaluate --audio' 'espr evaluate --space' 'espr evaluate --model' 'espr evaluate --centring' 'espr evaluate --pca' 'espr evaluate --augment' 'espr evaluate --augment-audio' 'espr evaluate --sound-font' 'espr evaluate --figure' 'espr evaluate --folds' 'espr evaluate --write-folds' 'espr evaluate --seed' 'espr pieces --library' 'espr pieces show --library' 'espr pieces rename --library' 'espr pieces merge --library' 'espr pieces assign --library' 'espr train query-model --descriptions' 'espr train query-model --data-dir' 'espr train query-model --out' 'espr train query-model --text' 'espr train query-model --audio' 'espr train query-model --library' 'espr train midlevel --data-dir' 'espr train midlevel --out' 'espr train midlevel --work' 'espr train midlevel --epochs' 'espr train midlevel --share' 'espr train midlevel --seed' 'espr train words --data-dir' 'espr train words --sources' 'espr train words --out' 'espr train words --cache'
                set skip 1
        end
    end
    echo $command
end

function __espr_is
    test (__espr_command) = "$argv"
end

function __espr_slugs
    set -l words (commandline -opc)
    set -l library
    if set -l at (contains -i -- --library $words[1..-2])
        set library --library $words[(math $at + 1)]
    end
    espr slugs $library 2>/dev/null
end

complete -c espr -f
complete -c espr -n '__espr_is espr' -a index -d 'Hear what is new in folders of recordings.'
complete -c espr -n '__espr_is espr' -a query -d 'Rank performances by how well they fit your words.'
complete -c espr -n '__espr_is espr' -a show -d 'Show how a recording sounds.'
complete -c espr -n '__espr_is espr' -a words -d 'Show what ESPR understands by a word.'
complete -c espr -n '__espr_is espr' -a check -d 'Say whether the library is whole.'
complete -c espr -n '__espr_is espr' -a repair -d 'Mend a damaged library.'
complete -c espr -n '__espr_is espr' -a backup -d 'Copy the library.'
complete -c espr -n '__espr_is espr' -a restore -d 'Put a copy in the library'\''s place.'
complete -c espr -n '__espr_is espr' -a merge -d 'Join libraries that were indexed apart.'
complete -c espr -n '__espr_is espr' -a doctor -d 'Print what a bug report needs.'
complete -c espr -n '__espr_is espr' -a demo -d 'Try ESPR on music that it makes itself.'
complete -c espr -n '__espr_is espr' -a evaluate -d 'Measure how well words find performances.'
complete -c espr -n '__espr_is espr' -a pieces -d 'List and correct pieces.'
complete -c espr -n '__espr_is espr' -a models -d 'List models; add published ones.'
complete -c espr -n '__espr_is espr' -a train -d 'Rebuild the shipped weights.'
complete -c espr -n '__espr_is espr' -l version -d 'Print the version.'
complete -c espr -n '__espr_is espr' -s h -l help -d 'Show this message and exit.'
complete -c espr -n '__espr_is espr index' -F
complete -c espr -n '__espr_is espr index' -l pieces -r -F -d 'CSV with columns path, piece, performer; remembered.'
complete -c espr -n '__espr_is espr index' -s j -l jobs -x -d 'Worker processes; one per core by default.'
complete -c espr -n '__espr_is espr index' -l encoder -r -f -a 'midlevel signal cp-resnet' -d 'The audio encoder that hears (espr models lists them); by default the one that heard the library before, midlevel for a new one.'
complete -c espr -n '__espr_is espr index' -l dry-run -d 'Say what would be done, and do nothing.'
complete -c espr -n '__espr_is espr index' -s q -l quiet -d 'Print only what could not be read.'
complete -c espr -n '__espr_is espr index' -l json -d 'Print JSON Lines, one object a recording.'
complete -c espr -n '__espr_is espr index' -l library -r -F -d 'The library to fill.'
complete -c espr -n '__espr_is espr index' -s h -l help -d 'Show this message and exit.'
complete -c espr -n '__espr_is espr query' -s p -l piece -r -f -a '(__espr_slugs)' -d 'Rank this piece: its name, beginning or title words.'
complete -c espr -n '__espr_is espr query' -s n -l top -x -d 'Show this many performances (pieces).'
complete -c espr -n '__espr_is espr query' -l not -x -d 'How it should not sound.'
complete -c espr -n '__espr_is espr query' -l weight -r -f -a 'melodiousness= articulation= rhythm_stability= rhythm_complexity= dissonance= tonal_stability= minorness= onset_density= loudness= dynamic_range= attack= brightness=' -d 'Heed a feature more or less.'
complete -c espr -n '__espr_is espr query' -l like -r -F -d 'Sound like this recording.'
complete -c espr -n '__espr_is espr query' -l relative -d 'Whole library: compare each with its piece'\''s mean.'
complete -c espr -n '__espr_is espr query' -l space -r -f -a 'midlevel midlevel+' -d 'Features to compare: midlevel or midlevel+.'
complete -c espr -n '__espr_is espr query' -l queries -r -F -d 'One query a line, or CSV with columns query, piece.'
complete -c espr -n '__espr_is espr query' -l json -d 'Print JSON, one document a query.'
complete -c espr -n '__espr_is espr query' -l csv -d 'Print CSV, one line a performance.'
complete -c espr -n '__espr_is espr query' -l m3u -r -F -d 'Write the ranking as a playlist, too.'
complete -c espr -n '__espr_is espr query' -s v -l verbose -d 'Show every feature, and paths.'
complete -c espr -n '__espr_is espr query' -l explain -d 'Show what each word adds to each feature.'
complete -c espr -n '__espr_is espr query' -l library -r -F -d 'The library to ask.'
complete -c espr -n '__espr_is espr query' -s h -l help -d 'Show this message and exit.'
complete -c espr -n '__espr_is espr show' -F
complete -c espr -n '__espr_is espr show' -l space -r -f -a 'midlevel midlevel+' -d 'Features to show: midlevel or midlevel+.'
complete -c espr -n '__espr_is espr show' -l json -d 'Print one JSON document.'
complete -c espr -n '__espr_is espr show' -l csv -d 'Print the windows as CSV, in measured units.'
complete -c espr -n '__espr_is espr show' -l library -r -F -d 'The library to ask.'
complete -c espr -n '__espr_is espr show' -s h -l help -d 'Show this message and exit.'
complete -c espr -n '__espr_is espr words' -l between -x -d 'How alike two are, and what lies between them.'
complete -c espr -n '__espr_is espr words' -l text -r -f -a 'emotion glove' -d 'Text encoder: a name, a vectors file or a model'\''s folder. [default: emotion]'
complete -c espr -n '__espr_is espr words' -l space -r -f -a 'midlevel midlevel+' -d 'Features to show: midlevel or midlevel+.'
complete -c espr -n '__espr_is espr words' -l json -d 'Print one JSON document.'
complete -c espr -n '__espr_is espr words' -s h -l help -d 'Show this message and exit.'
complete -c espr -n '__espr_is espr check' -l json -d 'Print one JSON document.'
complete -c espr -n '__espr_is espr check' -l library -r -F -d 'The library to check.'
complete -c espr -n '__espr_is espr check' -s h -l help -d 'Show this message and exit.'
complete -c espr -n '__espr_is espr repair' -l json -d 'Print one JSON document.'
complete -c espr -n '__espr_is espr repair' -l library -r -F -d 'The library to mend.'
complete -c espr -n '__espr_is espr repair' -s h -l help -d 'Show this message and exit.'
complete -c espr -n '__espr_is espr backup' -F
complete -c espr -n '__espr_is espr backup' -l force -d 'Replace FILE if it exists.'
complete -c espr -n '__espr_is espr backup' -l library -r -F -d 'The library to copy.'
complete -c espr -n '__espr_is espr backup' -s h -l help -d 'Show this message and exit.'
complete -c espr -n '__espr_is espr restore' -F
complete -c espr -n '__espr_is espr restore' -l library -r -F -d 'The library to replace.'
complete -c espr -n '__espr_is espr restore' -s h -l help -d 'Show this message and exit.'
complete -c espr -n '__espr_is espr merge' -F
complete -c espr -n '__espr_is espr merge' -l library -r -F -d 'The library to join them into.'
complete -c espr -n '__espr_is espr merge' -s h -l help -d 'Show this message and exit.'
complete -c espr -n '__espr_is espr doctor' -l json -d 'Print one JSON document.'
complete -c espr -n '__espr_is espr doctor' -l library -r -F -d 'The library to look at.'
complete -c espr -n '__espr_is espr doctor' -s h -l help -d 'Show this message and exit.'
complete -c espr -n '__espr_is espr demo' -l keep -r -f -a '(__fish_complete_directories)' -d 'Keep the recordings and library there.'
complete -c espr -n '__espr_is espr demo' -s h -l help -d 'Show this message and exit.'
complete -c espr -n '__espr_is espr evaluate' -l data-dir -r -f -a '(__fish_complete_directories)' -d 'Folder of the data set, or of all data sets; else ESPR_DATA, else datasets in the user'\''s data directory.'
complete -c espr -n '__espr_is espr evaluate' -l dataset -x -d 'Which benchmark. [default: con-espressione]'
complete -c espr -n '__espr_is espr evaluate' -l queries -x -d 'A query is all that was said of a performance, one answer, or one term. [default: performance]'
complete -c espr -n '__espr_is espr evaluate' -l group -x -d 'What is held out together: excerpts of a work, or each piece. [default: work]'
complete -c espr -n '__espr_is espr evaluate' -l table -x -d 'The paper'\''s table, its own figures alongside, in its space.'
complete -c espr -n '__espr_is espr evaluate' -l text -r -f -a 'emotion glove' -d 'Text encoder: a name, mtr, clap:FOLDER, a file of word vectors, a folder of a sentence-transformers or other transformers text model, or .npz of embeddings; repeatable, or all.'
complete -c espr -n '__espr_is espr evaluate' -l audio -r -f -a 'midlevel signal cp-resnet' -d 'Audio encoder: a name, mtr, clap:FOLDER, or .npz of embeddings; repeatable, or all.'
complete -c espr -n '__espr_is espr evaluate' -l space -r -f -a 'midlevel midlevel+' -d 'Space; repeatable; both.'
complete -c espr -n '__espr_is espr evaluate' -l model -x -d 'paper or best; repeatable; both.'
complete -c espr -n '__espr_is espr evaluate' -l centring -x -d 'none or piece, for the model paper; repeatable.'
complete -c espr -n '__espr_is espr evaluate' -l pca -x -d 'Components of the embeddings, for the model paper: none, a number, or auto (chosen inside the training folds); repeatable.'
complete -c espr -n '__espr_is espr evaluate' -l augment -x -d 'Train on these besides: musiccaps, pitchfork, percepiano, or a CSV file with the columns audio and text; repeatable.'
complete -c espr -n '__espr_is espr evaluate' -l augment-audio -r -F -d 'Folder of the augmentation'\''s recordings; MusicCaps'\'' named by ytid.'
complete -c espr -n '__espr_is espr evaluate' -l zero-shot -d 'Compare embeddings of texts and audio as they are: mtr twice, clap:FOLDER twice, or two .npz.'
complete -c espr -n '__espr_is espr evaluate' -l sound-font -x -d 'Sound font that renders PercePiano: a name or a path.'
complete -c espr -n '__espr_is espr evaluate' -l by-piece -d 'A table for each piece.'
complete -c espr -n '__espr_is espr evaluate' -l figure -r -F -d 'Draw a query of each piece beside its performances into this folder, as PNG and SVG; needs the extra figures.'
complete -c espr -n '__espr_is espr evaluate' -l folds -r -F -d 'Read the folds from this file.'
complete -c espr -n '__espr_is espr evaluate' -l write-folds -r -F -d 'Write the folds here.'
complete -c espr -n '__espr_is espr evaluate' -l seed -x -d 'Of folds, bootstrap and permutation. [default: 0]'
complete -c espr -n '__espr_is espr evaluate' -l json -d 'One JSON document.'
complete -c espr -n '__espr_is espr evaluate' -l csv -d 'One line a query.'
complete -c espr -n '__espr_is espr evaluate' -s h -l help -d 'Show this message and exit.'
complete -c espr -n '__espr_is espr pieces' -a show -d 'Show a piece'\''s recordings, and the rule by which each came to it.'
complete -c espr -n '__espr_is espr pieces' -a rename -d 'Give a piece another title; its old name still finds it.'
complete -c espr -n '__espr_is espr pieces' -a merge -d 'Make a piece'\''s recordings recordings of another piece.'
complete -c espr -n '__espr_is espr pieces' -a assign -d 'Say which piece a recording is of.'
complete -c espr -n '__espr_is espr pieces' -l json -d 'Print one JSON document.'
complete -c espr -n '__espr_is espr pieces' -l library -r -F -d 'The library to use.'
complete -c espr -n '__espr_is espr pieces' -s h -l help -d 'Show this message and exit.'
complete -c espr -n '__espr_is espr pieces show' -f -a '(__espr_slugs)'
complete -c espr -n '__espr_is espr pieces show' -l json -d 'Print one JSON document.'
complete -c espr -n '__espr_is espr pieces show' -l library -r -F -d 'The library to use.'
complete -c espr -n '__espr_is espr pieces show' -s h -l help -d 'Show this message and exit.'
complete -c espr -n '__espr_is espr pieces rename' -f -a '(__espr_slugs)'
complete -c espr -n '__espr_is espr pieces rename' -l library -r -F -d 'The library to use.'
complete -c espr -n '__espr_is espr pieces rename' -s h -l help -d 'Show this message and exit.'
complete -c espr -n '__espr_is espr pieces merge' -f -a '(__espr_slugs)'
complete -c espr -n '__espr_is espr pieces merge' -l library -r -F -d 'The library to use.'
complete -c espr -n '__espr_is espr pieces merge' -s h -l help -d 'Show this message and exit.'
complete -c espr -n '__espr_is espr pieces assign' -F
complete -c espr -n '__espr_is espr pieces assign' -f -a '(__espr_slugs)'
complete -c espr -n '__espr_is espr pieces assign' -l new -d 'PIECE is the title of a piece that is not there yet.'
complete -c espr -n '__espr_is espr pieces assign' -l library -r -F -d 'The library to use.'
complete -c espr -n '__espr_is espr pieces assign' -s h -l help -d 'Show this message and exit.'
complete -c espr -n '__espr_is espr models' -a add -d 'Add a published model: its weights are checked, converted and kept.'
complete -c espr -n '__espr_is espr models' -a remove -d 'Remove a model that was added; what it heard stays in your libraries.'
complete -c espr -n '__espr_is espr models' -l json -d 'Print one JSON document.'
complete -c espr -n '__espr_is espr models' -s h -l help -d 'Show this message and exit.'
complete -c espr -n '__espr_is espr models add' -f -a 'cp-resnet mtr'
complete -c espr -n '__espr_is espr models add' -F
complete -c espr -n '__espr_is espr models add' -s h -l help -d 'Show this message and exit.'
complete -c espr -n '__espr_is espr models remove' -f -a 'cp-resnet mtr'
complete -c espr -n '__espr_is espr models remove' -s h -l help -d 'Show this message and exit.'
complete -c espr -n '__espr_is espr train' -a query-model -d 'Fit the map from words to features: teach it your words, or rebuild the shipped one.'
complete -c espr -n '__espr_is espr train' -a midlevel -d 'Rebuild the network of the `midlevel` encoder: render, train, validate.'
complete -c espr -n '__espr_is espr train' -a words -d 'Rebuild the emotion-enriched word vectors of the `emotion` encoder.'
complete -c espr -n '__espr_is espr train' -s h -l help -d 'Show this message and exit.'
complete -c espr -n '__espr_is espr train query-model' -l descriptions -r -F -d 'Teach your library your own words: CSV with the columns recording, text.'
complete -c espr -n '__espr_is espr train query-model' -l data-dir -r -f -a '(__fish_complete_directories)' -d 'Rebuild from the Con Espressione Game: its table and a folder '\''audio'\''. [environment: ESPR_DATA]'
complete -c espr -n '__espr_is espr train query-model' -l out -r -F -d 'Where to write what was rebuilt, a model a space; by default where `espr query` looks for it.'
complete -c espr -n '__espr_is espr train query-model' -l text -r -f -a 'emotion glove' -d 'Text encoder. [default: emotion]'
complete -c espr -n '__espr_is espr train query-model' -l audio -r -f -a 'midlevel signal cp-resnet' -d 'Audio encoder; by default the one that heard the library, midlevel when rebuilding.'
complete -c espr -n '__espr_is espr train query-model' -l library -r -F -d 'The library that is taught.'
complete -c espr -n '__espr_is espr train query-model' -s h -l help -d 'Show this message and exit.'
complete -c espr -n '__espr_is espr train midlevel' -l data-dir -r -f -a '(__fish_complete_directories)' -d 'A folder that holds percepiano and, perhaps, asap. [environment: ESPR_DATA]'
complete -c espr -n '__espr_is espr train midlevel' -l out -r -F -d 'Where to write the weights and their figures.'
complete -c espr -n '__espr_is espr train midlevel' -l work -r -F -d 'Where the corpus and checkpoints are kept; give it again to go on.'
complete -c espr -n '__espr_is espr train midlevel' -l asap -d 'Train on ASAP, too: weights for non-commercial use.'
complete -c espr -n '__espr_is espr train midlevel' -l epochs -x -d 'How often every clip is heard. [default: 16]'
complete -c espr -n '__espr_is espr train midlevel' -l share -x -d 'Share of the corpus: 0.25 for a proxy run. [default: 1.0]'
complete -c espr -n '__espr_is espr train midlevel' -l seed -x -d 'Of everything that is drawn. [default: 0]'
complete -c espr -n '__espr_is espr train midlevel' -s h -l help -d 'Show this message and exit.'
complete -c espr -n '__espr_is espr train words' -l data-dir -r -f -a '(__fish_complete_directories)' -d 'Folder of '\''words/goemotions'\'', '\''words/musiccaps'\''. [environment: ESPR_DATA]'
complete -c espr -n '__espr_is espr train words' -l sources -r -F -d 'Folder of the sentence encoder, WordNet and VADER.'
complete -c espr -n '__espr_is espr train words' -l out -r -F -d 'Where to write the vectors.'
complete -c espr -n '__espr_is espr train words' -l cache -r -F -d 'Where the encoder'\''s vectors are kept; give it again to go on.'
complete -c espr -n '__espr_is espr train words' -s h -l help -d 'Show this message and exit.'
