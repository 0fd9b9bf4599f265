/** Texts of refusals that several features share. */

export const needsFirst = (command: string): string => `The command needs ${command} first.`;
export const needsMode = (...modes: readonly string[]): string => `The command needs mode ${modes.join(" or ")}.`;
export const needsLayer2 = "The interface must be in Layer 2 mode. Run portswitch first.";
export const needsLayer3 = (name = "The interface"): string =>
  `${name} must be in Layer 3 mode. Run undo portswitch first.`;
export const noVlanDevices = "This kernel has no 802.1Q devices";
