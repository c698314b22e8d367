#!/usr/bin/fish
# Prints what fish offers behind each line of standard input: "> LINE", and the words. Usage: fish ask.fish SCRIPT, where
# evsim completion fish wrote the script.
source $argv[1]
while read -l line
    printf '> %s\n' $line
    complete -C $line | string replace -r '\t.*' ''
end
true
