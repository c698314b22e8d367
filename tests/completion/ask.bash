#!/bin/bash
# Prints what bash offers behind each line of standard input: "> LINE", and the words, whole. Usage: ask.bash SCRIPT, where
# evsim completion bash wrote the script. What readline would add itself is told by its name: <default> are files.
source "$1"

compopt() {
    case $2 in
    default | dirnames) offered+=("<$2>") ;;
    esac
}

while IFS= read -r line; do
    COMP_LINE=$line COMP_POINT=${#line} COMP_WORDS=() COMP_CWORD=0 offered=()
    _evsim evsim '' ''
    # Bash replaces what is behind the last of its breaks: what is before it belongs to the word.
    word=${line##* }
    before=${word%"${word##*[:=@]}"}
    printf '> %s\n' "$line"
    for reply in "${COMPREPLY[@]}"; do
        printf '%s%s\n' "$before" "$reply"
    done
    for name in "${offered[@]}"; do
        printf '%s\n' "$name"
    done
done
