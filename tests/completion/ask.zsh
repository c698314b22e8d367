#!/bin/zsh
# Prints what zsh offers behind each line of standard input: "> LINE", and the words. Usage: zsh -f ask.zsh SCRIPT FOLDER, where
# evsim completion zsh wrote the script, and the folder is for a file of this program.
#
# Completion works in an editor only: one is started in a terminal of its own for every line, with the line and Tab typed into it.
# There compadd, which is given all that is offered, also prints it.
zmodload zsh/zpty

cat > $2/setup.zsh <<'S'
PROMPT=
autoload -Uz compinit && compinit -u -d $FOLDER/dump
source $COMPLETION
bindkey '^I' complete-word
zstyle ':completion:*' insert-tab false
offer_begins() { builtin print -r -- '<begin>' }
offer_ends() { builtin print -r -- '<end>'; exit }
compprefuncs=(offer_begins)
comppostfuncs=(offer_ends)
compadd() {
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
        builtin compadd "$@"
        return
    fi
    local -a hits
    builtin compadd -A hits "$@"
    builtin print -rl -- "@$IPREFIX"${^hits}
    builtin compadd "$@"
}
print '<ready>'
S

export COMPLETION=$1 FOLDER=$2
while IFS= read -r typed; do
    print -r -- "> $typed"
    zpty editor zsh -f -i
    zpty -w editor "source $2/setup.zsh"
    while zpty -r editor line && [[ $line != *'<ready>'* ]]; do :; done
    zpty -n -w editor "$typed"$'\t'
    while zpty -r editor line && [[ $line != *'<end>'* ]]; do
        line=${line//[$'\r\n']/}
        [[ $line != @?* ]] || print -r -- ${line#@}
    done
    zpty -d editor
done
