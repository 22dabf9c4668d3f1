import { useState } from "preact/hooks";
import { type Snippet, snippets } from "../snippets";
import { DEFAULT, inboxName, type Target, target } from "../state/inboxes";
import { sendTest } from "../state/mailbox";
import { CopyButton } from "./copy";
import { Dialog } from "./dialog";
import { Icon, Logo } from "./icons";
import { Loading } from "./state";

function Field({ name, value }: { name: string; value: string }) {
  return (
    <div class="connect-field">
      <dt>{name}</dt>
      <dd>
        <code>{value}</code>
        <CopyButton text={value} label={`Copy ${name.toLowerCase()}`} />
      </dd>
    </div>
  );
}

function Example({ snippet, target }: { snippet: Snippet; target: Target }) {
  const code = snippet.code(target);
  return (
    <figure class="snippet">
      <figcaption class="snippet-head">
        <span>{snippet.where}</span>
        <CopyButton text={code} label="Copy the example" />
      </figcaption>
      <pre tabIndex={0}>{code}</pre>
    </figure>
  );
}

function Login({ login }: { login: Target["login"] }) {
  if (!login)
    return <p class="connect-note">No user name, no password, no encryption needed.</p>;
  return <p class="connect-note">The user name decides that mail comes to this inbox.</p>;
}

/** Where to send mail for this inbox, and how from what people use. */
function Ways() {
  const [chosen, choose] = useState(snippets[0] as Snippet);
  const to = target.value;
  if (!to) return <Loading />;
  return (
    <>
      <dl class="connect-fields">
        <Field name="Host" value={to.host} />
        <Field name="Port" value={String(to.port)} />
        {to.login && <Field name="User name" value={to.login.username} />}
        {to.login && <Field name="Password" value={to.login.password} />}
      </dl>
      <Login login={to.login} />
      <fieldset class="stacks">
        <legend class="visually-hidden">Examples</legend>
        {snippets.map(snippet => (
          <button
            type="button"
            key={snippet.name}
            class="stack"
            aria-pressed={snippet === chosen}
            onClick={() => choose(snippet)}
          >
            {snippet.name}
          </button>
        ))}
      </fieldset>
      <Example snippet={chosen} target={to} />
      <p class="connect-test">
        <button type="button" class="button" onClick={() => void sendTest(inboxName.value)}>
          <Icon name="envelope" /> Send a test message
        </button>
        <span>to see what a message looks like here</span>
      </p>
    </>
  );
}

/** How to send mail here: what an inbox without mail shows. */
export function Connect() {
  return (
    <section class="connect" aria-labelledby="connect-title">
      <div class="connect-box">
        <Logo />
        <h2 id="connect-title">Waiting for mail</h2>
        <p class="connect-lead">
          Point your application at this SMTP server. Whatever it sends stops here, to whomever it
          is addressed, and appears on this page by itself.
        </p>
        <Ways />
      </div>
    </section>
  );
}

export function ConnectDialog() {
  return (
    <Dialog title={`Send mail to “${inboxName.value || DEFAULT}”`} isWide>
      <Ways />
    </Dialog>
  );
}
