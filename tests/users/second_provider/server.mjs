// npm's oidc-provider as an identity provider of somebody else's: `node server.mjs <port> <logout address> <site>`.
// Prints "ready" once it listens. Its own login and consent pages sign anybody in under any name.

import { generateKeyPair, exportJWK } from 'jose';
import { Provider } from 'oidc-provider';

const [port, logoutUri, site] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

async function key(alg) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), alg, use: 'sig' };
}

function person(sub) {
  return { sub, email: `${sub}@Example.org`, email_verified: true, given_name: sub, family_name: 'Second', locale: 'de' };
}

const provider = new Provider(issuer, {
  jwks: { keys: [await key('RS256'), await key('ES256')] },
  cookies: { keys: ['of the tests only'] },
  clients: [{
    client_id: 'Frontend',
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: ['http://127.0.0.1:8000/auth/callback'],
    backchannel_logout_uri: logoutUri,
    backchannel_logout_session_required: true,
  }, {
    client_id: 'staff',
    client_secret: 'of the tests, and :odd',
    application_type: 'native',
    redirect_uris: [`${site}/login/provider/return/`],
    post_logout_redirect_uris: [`${site}/login/`],
    backchannel_logout_uri: logoutUri,
  }],
  claims: {
    openid: ['sub', 'sid'],
    email: ['email', 'email_verified'],
    profile: ['given_name', 'family_name', 'locale'],
  },
  findAccount: (_context, sub) => ({ accountId: sub, claims: () => person(sub) }),
  // The tokens that a JWT is issued for are those of a resource; they cannot ask for user information here.
  extraTokenClaims: (_context, token) => (token.accountId === 'nameless' ? undefined : person(token.accountId)),
  ttl: { AccessToken: 300, IdToken: 300 },
  issueRefreshToken: () => true,
  // Its own dispatcher refuses addresses of this machine.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  features: {
    backchannelLogout: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => 'https://meet.example.com',
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: 'openid profile email',
        audience: 'opentalk',
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
});

provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
