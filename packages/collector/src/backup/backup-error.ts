/** One sentence for whoever asked; 2: the question was wrong, 3: it could not be done. */
export class BackupError extends Error {
  override readonly name = "BackupError";
  readonly status: 2 | 3;
  constructor(status: 2 | 3, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}
