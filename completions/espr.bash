# bash completion for espr
# Made by `make shell-files` from the commands themselves; do not edit.

_espr_words() {
    COMPREPLY=($(compgen -W "$1" -- "$current"))
}

_espr_files() {
    local IFS=$'\n'
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen "$1" -- "$current"))
}

_espr_slugs() {
    _espr_words "$(espr slugs ${library:+--library "$library"} 2>/dev/null)"
}

_espr() {
    local command=espr library= position=0 i word
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    COMPREPLY=()
    # --option=value comes as three words
    if [[ $current == = ]]; then
        current=
    elif [[ $previous == = ]]; then
        previous=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        case "$command $word" in
        "espr index" | \
            "espr query" | \
            "espr show" | \
            "espr words" | \
            "espr check" | \
            "espr repair" | \
            "espr backup" | \
            "espr restore" | \
            "espr merge" | \
            "espr doctor" | \
            "espr demo" | \
            "espr evaluate" | \
            "espr pieces" | \
            "espr pieces show" | \
            "espr pieces rename" | \
            "espr pieces merge" | \
            "espr pieces assign" | \
            "espr models" | \
            "espr models add" | \
            "espr models remove" | \
            "espr train" | \
            "espr train query-model" | \
            "espr train midlevel" | \
            "espr train words")
            command="$command $word"
            position=0
            ;;
        "espr index --pieces" | \
            "espr index -j" | \
            "espr index --jobs" | \
            "espr index --encoder" | \
            "espr index --library" | \
            "espr query -p" | \
            "espr query --piece" | \
            "espr query -n" | \
            "espr query --top" | \
            "espr query --not" | \
            "espr query --weight" | \
            "espr query --like" | \
            "espr query --space" | \
            "espr query --queries" | \
            "espr query --m3u" | \
            "espr query --library" | \
            "espr show --space" | \
            "espr show --library" | \
            "espr words --between" | \
            "espr words --text" | \
            "espr words --space" | \
            "espr check --library" | \
            "espr repair --library" | \
            "espr backup --library" | \
            "espr restore --library" | \
            "espr merge --library" | \
            "espr doctor --library" | \
            "espr demo --keep" | \
            "espr evaluate --data-dir" | \
            "espr evaluate --dataset" | \
            "espr evaluate --queries" | \
            "espr evaluate --group" | \
            "espr evaluate --table" | \
            "espr evaluate --text" | \
            "espr evaluate --audio" | \
            "espr evaluate --space" | \
            "espr evaluate --model" | \
            "espr evaluate --centring" | \
            "espr evaluate --pca" | \
            "espr evaluate --augment" | \
            "espr evaluate --augment-audio" | \
            "espr evaluate --sound-font" | \
            "espr evaluate --figure" | \
            "espr evaluate --folds" | \
            "espr evaluate --write-folds" | \
            "espr evaluate --seed" | \
            "espr pieces --library" | \
            "espr pieces show --library" | \
            "espr pieces rename --library" | \
            "espr pieces merge --library" | \
            "espr pieces assign --library" | \
            "espr train query-model --descriptions" | \
            "espr train query-model --data-dir" | \
            "espr train query-model --out" | \
            "espr train query-model --text" | \
            "espr train query-model --audio" | \
            "espr train query-model --library" | \
            "espr train midlevel --data-dir" | \
            "espr train midlevel --out" | \
            "espr train midlevel --work" | \
            "espr train midlevel --epochs" | \
            "espr train midlevel --share" | \
            "espr train midlevel --seed" | \
            "espr train words --data-dir" | \
            "espr train words --sources" | \
            "espr train words --out" | \
            "espr train words --cache")
            i=$((i + 1))
            if [[ ${COMP_WORDS[i]} == = ]]; then i=$((i + 1)); fi
            if [[ $word == --library ]]; then library=${COMP_WORDS[i]}; fi
            ;;
        *" -"*) ;;
        *) position=$((position + 1)) ;;
        esac
    done
    # a quoted ~ is nobody's home
    library=${library/#\~/$HOME}
    case "$command $previous" in
    "espr index --pieces" | \
        "espr query --like" | \
        "espr query --queries" | \
        "espr query --m3u" | \
        "espr evaluate --augment-audio" | \
        "espr evaluate --figure" | \
        "espr evaluate --folds" | \
        "espr evaluate --write-folds" | \
        "espr train query-model --descriptions" | \
        "espr train query-model --out" | \
        "espr train midlevel --out" | \
        "espr train midlevel --work" | \
        "espr train words --sources" | \
        "espr train words --out" | \
        "espr train words --cache")
        _espr_files -f
        return
        ;;
    "espr index --encoder" | \
        "espr evaluate --audio" | \
        "espr train query-model --audio")
        _espr_words "midlevel signal cp-resnet"
        return
        ;;
    "espr query -p" | \
        "espr query --piece")
        _espr_slugs
        return
        ;;
    "espr query --weight")
        _espr_words "melodiousness= articulation= rhythm_stability= rhythm_complexity= dissonance= tonal_stability= minorness= onset_density= loudness= dynamic_range= attack= brightness="
        compopt -o nospace 2>/dev/null
        return
        ;;
    "espr query --space" | \
        "espr show --space" | \
        "espr words --space" | \
        "espr evaluate --space")
        _espr_words "midlevel midlevel+"
        return
        ;;
    "espr words --text" | \
        "espr evaluate --text" | \
        "espr train query-model --text")
        _espr_words "emotion glove"
        return
        ;;
    "espr demo --keep" | \
        "espr evaluate --data-dir" | \
        "espr train query-model --data-dir" | \
        "espr train midlevel --data-dir" | \
        "espr train words --data-dir")
        _espr_files -d
        return
        ;;
    "espr index --library" | \
        "espr query --library" | \
        "espr show --library" | \
        "espr check --library" | \
        "espr repair --library" | \
        "espr backup --library" | \
        "espr restore --library" | \
        "espr merge --library" | \
        "espr doctor --library" | \
        "espr pieces --library" | \
        "espr pieces show --library" | \
        "espr pieces rename --library" | \
        "espr pieces merge --library" | \
        "espr pieces assign --library" | \
        "espr train query-model --library")
        _espr_files -f
        return
        ;;
    "espr index -j" | \
        "espr index --jobs" | \
        "espr query -n" | \
        "espr query --top" | \
        "espr query --not" | \
        "espr words --between" | \
        "espr evaluate --dataset" | \
        "espr evaluate --queries" | \
        "espr evaluate --group" | \
        "espr evaluate --table" | \
        "espr evaluate --model" | \
        "espr evaluate --centring" | \
        "espr evaluate --pca" | \
        "espr evaluate --augment" | \
        "espr evaluate --sound-font" | \
        "espr evaluate --seed" | \
        "espr train midlevel --epochs" | \
        "espr train midlevel --share" | \
        "espr train midlevel --seed")
        return
        ;;
    esac
    case "$command" in
    "espr")
        if [[ $current == -* ]]; then _espr_words "--version -h --help"
        elif ((position == 0)); then _espr_words "index query show words check repair backup restore merge doctor demo evaluate pieces models train"
        fi
        ;;
    "espr index")
        if [[ $current == -* ]]; then _espr_words "--pieces -j --jobs --encoder --dry-run -q --quiet --json --library -h --help"
        elif ((position >= 0)); then _espr_files -f
        fi
        ;;
    "espr query")
        if [[ $current == -* ]]; then _espr_words "-p --piece -n --top --not --weight --like --relative --space --queries --json --csv --m3u -v --verbose --explain --library -h --help"
        fi
        ;;
    "espr show")
        if [[ $current == -* ]]; then _espr_words "--space --json --csv --library -h --help"
        elif ((position >= 0)); then _espr_files -f
        fi
        ;;
    "espr words")
        if [[ $current == -* ]]; then _espr_words "--between --text --space --json -h --help"
        fi
        ;;
    "espr check")
        if [[ $current == -* ]]; then _espr_words "--json --library -h --help"
        fi
        ;;
    "espr repair")
        if [[ $current == -* ]]; then _espr_words "--json --library -h --help"
        fi
        ;;
    "espr backup")
        if [[ $current == -* ]]; then _espr_words "--force --library -h --help"
        elif ((position == 0)); then _espr_files -f
        fi
        ;;
    "espr restore")
        if [[ $current == -* ]]; then _espr_words "--library -h --help"
        elif ((position == 0)); then _espr_files -f
        fi
        ;;
    "espr merge")
        if [[ $current == -* ]]; then _espr_words "--library -h --help"
        elif ((position >= 0)); then _espr_files -f
        fi
        ;;
    "espr doctor")
        if [[ $current == -* ]]; then _espr_words "--json --library -h --help"
        fi
        ;;
    "espr demo")
        if [[ $current == -* ]]; then _espr_words "--keep -h --help"
        fi
        ;;
    "espr evaluate")
        if [[ $current == -* ]]; then _espr_words "--data-dir --dataset --queries --group --table --text --audio --space --model --centring --pca --augment --augment-audio --zero-shot --sound-font --by-piece --figure --folds --write-folds --seed --json --csv -h --help"
        fi
        ;;
    "espr pieces")
        if [[ $current == -* ]]; then _espr_words "--json --library -h --help"
        elif ((position == 0)); then _espr_words "show rename merge assign"
        fi
        ;;
    "espr pieces show")
        if [[ $current == -* ]]; then _espr_words "--json --library -h --help"
        elif ((position == 0)); then _espr_slugs
        fi
        ;;
    "espr pieces rename")
        if [[ $current == -* ]]; then _espr_words "--library -h --help"
        elif ((position == 0)); then _espr_slugs
        fi
        ;;
    "espr pieces merge")
        if [[ $current == -* ]]; then _espr_words "--library -h --help"
        elif ((position == 0)); then _espr_slugs
        elif ((position == 1)); then _espr_slugs
        fi
        ;;
    "espr pieces assign")
        if [[ $current == -* ]]; then _espr_words "--new --library -h --help"
        elif ((position == 0)); then _espr_files -f
        elif ((position == 1)); then _espr_slugs
        fi
        ;;
    "espr models")
        if [[ $current == -* ]]; then _espr_words "--json -h --help"
        elif ((position == 0)); then _espr_words "add remove"
        fi
        ;;
    "espr models add")
        if [[ $current == -* ]]; then _espr_words "-h --help"
        elif ((position == 0)); then _espr_words "cp-resnet mtr"
        elif ((position == 1)); then _espr_files -f
        fi
        ;;
    "espr models remove")
        if [[ $current == -* ]]; then _espr_words "-h --help"
        elif ((position == 0)); then _espr_words "cp-resnet mtr"
        fi
        ;;
    "espr train")
        if [[ $current == -* ]]; then _espr_words "-h --help"
        elif ((position == 0)); then _espr_words "query-model midlevel words"
        fi
        ;;
    "espr train query-model")
        if [[ $current == -* ]]; then _espr_words "--descriptions --data-dir --out --text --audio --library -h --help"
        fi
        ;;
    "espr train midlevel")
        if [[ $current == -* ]]; then _espr_words "--data-dir --out --work --asap --epochs --share --seed -h --help"
        fi
        ;;
    "espr train words")
        if [[ $current == -* ]]; then _espr_words "--data-dir --sources --out --cache -h --help"
        fi
        ;;
    esac
}

complete -F _espr espr
