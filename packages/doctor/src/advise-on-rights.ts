import type { Found } from './finding.ts';
import { shellWord } from './remote/server-command.ts';

/** Numbers of users and groups. */
export interface Refusal {
  /** The repository, absolute. */
  dir: string;
  dirOwner: number;
  dirGroup: number;
  /** What this user may not write: the repository, or a folder in it. */
  path: string;
  pathOwner: number;
  self: { uid: number; groups: readonly number[] };
}

/** Nobody is advised to take a repository away from its owner: git would not trust it any more for them. */
export function adviseOnRights(refusal: Refusal): Pick<Found, 'why' | 'remedy' | 'command'> {
  const { dir, dirOwner, pathOwner, self } = refusal;
  if (dirOwner !== self.uid) return adviseToShare(refusal);
  if (pathOwner === self.uid)
    return { why: 'its owner has no right to', remedy: 'Give it to yourself:', command: `chmod -R u+rwX ${shellWord(dir)}` };
  return {
    why: `the repository is this user's, and another one (number ${pathOwner}) has made this in it, as with sudo`,
    remedy: 'Take it back:',
    command: `sudo chown -R "$(id -un)" ${shellWord(dir)}`,
  };
}

/** Folders hand their group on, else what one user makes would be closed to the others. */
function adviseToShare({ dir, dirOwner, dirGroup, self }: Refusal): Pick<Found, 'why' | 'remedy' | 'command'> {
  const isMember = self.groups.includes(dirGroup);
  const group = isMember ? `its group (number ${dirGroup}), which this user is in` : 'a GROUP that both of you are in';
  const word = shellWord(dir);
  const commands = [
    `sudo chgrp -R ${isMember ? dirGroup : 'GROUP'} ${word}`,
    `sudo chmod -R g+rwX ${word}`,
    `sudo find ${word} -type d -exec chmod g+s {} +`,
    `sudo -u '#${dirOwner}' git -C ${word} config core.sharedRepository group`,
  ];
  return {
    why: `it belongs to another user (number ${dirOwner})`,
    remedy: `Run errand as that user; or share it with ${group}:`,
    command: commands.join(' && '),
  };
}
