/** The shells for which there is a script. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

// What they have in common: the words go to `errand complete` one by one, never through `eval` and never through a shell's
// own expansion, so that nothing which is typed, or filed by others, is run.

/** Works with the bash 3.2 of macOS. */
const BASH = `# errand completion for bash. In ~/.bashrc: eval "$(errand completion bash)"
_errand() {
  local kind value about IFS=$'\\n'
  COMPREPLY=()
  {
    read -r kind
    while IFS=$'\\t' read -r value about; do COMPREPLY+=("$value"); done
  } < <(command errand complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  case $kind in
    files) while read -r value; do COMPREPLY+=("$value"); done < <(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}") ;;
    folders) while read -r value; do COMPREPLY+=("$value"); done < <(compgen -d -- "\${COMP_WORDS[COMP_CWORD]}") ;;
  esac
  case $kind in files | folders) type compopt >/dev/null 2>&1 && compopt -o filenames ;; esac
  return 0
}
complete -F _errand errand
`;

const ZSH = `#compdef errand
# errand completion for zsh. In ~/.zshrc, after compinit: eval "$(errand completion zsh)"
_errand() {
  local line kind value about
  local -a offered
  while IFS= read -r line; do
    if [[ -z $kind ]]; then
      kind=$line
    else
      value=\${line%%$'\\t'*}
      about=\${line#*$'\\t'}
      offered+=("\${value//:/\\\\:}:$about")
    fi
  done < <(command errand complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  case $kind in
    files) _files ;;
    folders) _files -/ ;;
    *) (( $#offered )) && _describe -V errand offered ;;
  esac
}
if [[ $funcstack[1] = _errand ]]; then
  _errand "$@"
elif (( $+functions[compdef] )); then
  compdef _errand errand
else
  print -u2 'errand: completion needs compinit: put "autoload -Uz compinit && compinit" before it'
fi
`;

const FISH = `# errand completion for fish. Save it: errand completion fish > ~/.config/fish/completions/errand.fish
function __errand_complete
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    set -l lines (command errand complete -- $before[2..-1] "$current" 2>/dev/null)
    switch "$lines[1]"
        case files
            __fish_complete_path "$current"
        case folders
            __fish_complete_directories "$current"
        case '*'
            set -q lines[2]; and printf '%s\\n' $lines[2..-1]
    end
end
complete -c errand -e
complete -c errand -f -k -a '(__errand_complete)'
`;

/** The script of a shell, to be evaluated or saved as it says in its first lines. */
export function completionScript(shell: Shell): string {
  return { bash: BASH, zsh: ZSH, fish: FISH }[shell];
}
