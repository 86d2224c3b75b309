// node verify.cjs FOLDER: reads [{headers, body, key}] as JSON from stdin, names in lower case, and writes what the
// libraries of the FOLDER's node_modules say of each: {cronofy, standardwebhooks}, both true or false.
const { createRequire } = require('node:module');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const library = createRequire(join(process.argv[2], 'package.json'));
const Cronofy = library('cronofy');
const { Webhook, WebhookVerificationError } = library('standardwebhooks');

const isVerified = (key, body, headers) => {
  try {
    new Webhook(key).verify(body, headers);
    return true;
  } catch (error) {
    if (error instanceof WebhookVerificationError) return false;
    throw error;
  }
};
const judge = ({ headers, body, key }) => ({
  cronofy: new Cronofy({ client_secret: key }).hmacValid({ hmac: headers['cronofy-hmac-sha256'], body }),
  standardwebhooks: isVerified(key, body, headers),
});
process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(judge)));
