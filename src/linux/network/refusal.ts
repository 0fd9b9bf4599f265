/** Notes that something shall be and the kernel does not let it, and why. A subject is noted once in a round. */
export type NoteRefusal = (subject: string, text: string) => void;
