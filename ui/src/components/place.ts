/** Where at a service something is kept. Pure. */

/** A calendar there, and the account that it belongs to. */
export interface Place {
  remote_name: string;
  account: string;
}

/** Names a place: `Team · mara@northlight.example`. An account's first calendar often bears its name; that is said once. */
export function placeWords({ remote_name: name, account }: Place): string {
  return name === account ? account : `${name} · ${account}`;
}
