/** One sentence for whoever asked; 2: the question was wrong, 3: it could not be done. */
export class QuarantineError extends Error {
  override readonly name = "QuarantineError";
  readonly status: 2 | 3;
  constructor(status: 2 | 3, message: string) {
    super(message);
    this.status = status;
  }
}
