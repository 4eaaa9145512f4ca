// A real OpenID provider for tests/board/test_oidc_provider.py: people say who they are and need no password.
// Arguments: the board's redirect address, the client's secret. Prints its own address.
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [back, secret] = process.argv.slice(2);
const groups = { "a.reid": ["staff", "toc-hub"], "b.moss": ["brokerage"], "c.vale": ["staff"] };
const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: "homeward", client_secret: secret, redirect_uris: [back], response_types: ["code"],
                grant_types: ["authorization_code"] }],
    claims: { openid: ["sub"], profile: ["preferred_username", "groups"] },
    conformIdTokenClaims: false,
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: `id-of-${id}`, preferred_username: id, groups: groups[id] ?? [] }) }),
  });
  server.on("request", provider.callback());
  console.log(issuer);
});
