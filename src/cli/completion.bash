
# What may stand at the place of a word of the help: =a b c are those themselves.
_seki_candidates() {
    local IFS=$' \t\n' word=$2 table
    case $1 in
    =*) compgen -W "${1#=}" -- "$word" ;;
    FILE | FILE...) compgen -d -- "$word"; compgen -f -X '!*.json' -- "$word" ;;
    CSV) compgen -d -- "$word"; compgen -f -X '!*.csv*' -- "$word" ;;
    TABLE)
        compgen -d -- "$word"; compgen -f -X '!*.h5' -- "$word"; compgen -f -X '!*.jsonl*' -- "$word"
        for table in "${SEKI_DATA:-.}"/benchdata/*.h5; do
            table=${table##*/}
            [ "$table" = '*.h5' ] || compgen -W "${table%.h5}" -- "$word"
        done ;;
    DIR | RUN-FOLDER) compgen -d -- "$word" ;;
    esac
}

_seki() {
    local IFS=$' \t\n' word=${COMP_WORDS[COMP_CWORD]} flag='' command='' place=0 i part kinds
    for ((i = 1; i < COMP_CWORD; i++)); do
        part=${COMP_WORDS[i]}
        if [ "$part" = = ]; then
            continue # of --flag=value, which bash takes apart
        elif [ -n "$flag" ]; then
            flag=
        elif [ -z "$command" ]; then
            command=$part
        elif [ "${part:0:1}" != - ]; then
            place=$((place + 1))
        elif [ -n "$(_seki_words "$command $part")" ]; then
            flag=$part
        fi
    done
    [ "$word" != = ] || word=
    if [ -z "$command" ]; then
        kinds=$(_seki_words commands)
    elif [ -n "$flag" ]; then
        kinds=$(_seki_words "$command $flag")
    elif [ "${word:0:1}" = - ]; then
        kinds=$(_seki_words "$command flags")
    else
        kinds=($(_seki_words "$command operands"))
        i=$((place < ${#kinds[@]} ? place : ${#kinds[@]} - 1))
        [ ${#kinds[@]} -gt 0 ] && [[ $place -eq $i || ${kinds[i]} = *... ]] && kinds=${kinds[i]} || kinds=
    fi
    IFS=$'\n'
    COMPREPLY=($(_seki_candidates "$kinds" "$word"))
}
complete -o filenames -F _seki seki
