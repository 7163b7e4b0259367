/** An identity update that the rules refuse; the message says which rule. */
export class IdentityRefusal extends Error {
  override readonly name = "IdentityRefusal";
}
