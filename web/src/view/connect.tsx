import { useState } from "preact/hooks";
import { type Snippet, snippets, type Target } from "../snippets";
import { smtp } from "../state/inboxes";
import { CopyButton } from "./copy";
import { Logo } from "./icons";
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

/** How to send mail here: what an inbox without mail shows. */
export function Connect() {
  const [chosen, choose] = useState(snippets[0] as Snippet);
  const target = smtp.value;

  return (
    <section class="connect" aria-labelledby="connect-title">
      <div class="connect-box">
        <Logo />
        <h2 id="connect-title">Waiting for mail</h2>
        <p class="connect-lead">
          Point your application at this SMTP server. Whatever it sends stops here, to whomever it
          is addressed, and appears on this page by itself.
        </p>
        {target ? (
          <>
            <dl class="connect-fields">
              <Field name="Host" value={target.host} />
              <Field name="Port" value={String(target.port)} />
            </dl>
            <p class="connect-note">No user name, no password, no encryption needed.</p>
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
            <Example snippet={chosen} target={target} />
          </>
        ) : (
          <Loading />
        )}
      </div>
    </section>
  );
}
