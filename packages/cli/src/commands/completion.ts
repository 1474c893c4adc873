import { Argument, type Command } from 'commander';
import { addExamples, DONE, type Io, type Outcome } from '../command.ts';
import { completionScript, SHELLS, type Shell } from '../completion/scripts.ts';

export function define(command: Command): void {
  command
    .addArgument(new Argument('<shell>', 'the shell that you use').choices(SHELLS))
    .description('Print what makes your shell complete commands, options, tasks and machines at the Tab key.');
  addExamples(command, [
    ['eval "$(errand completion bash)"', 'bash: this line in ~/.bashrc'],
    ['eval "$(errand completion zsh)"', 'zsh: this line in ~/.zshrc, after compinit'],
    ['errand completion fish > ~/.config/fish/completions/errand.fish', 'fish: once'],
  ]);
}

export async function run(io: Io, [shell]: readonly string[]): Promise<Outcome> {
  io.out(completionScript(shell as Shell));
  return DONE;
}
