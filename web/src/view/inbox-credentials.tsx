import { useSignal } from "@preact/signals";
import type { Inbox } from "../api";
import { renew } from "../state/inbox-actions";
import { CopyButton } from "./copy";
import { FormError, useSubmit } from "./form";

function Secret({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <code>{value}</code>
        <CopyButton text={value} label={`Copy ${name}`} />
      </dd>
    </div>
  );
}

export function InboxCredentials({ inbox }: { inbox: Inbox }) {
  const asked = useSignal(false);
  const done = () => {
    asked.value = false;
  };
  const { submit, error, isBusy } = useSubmit(() => renew(inbox), done);
  const { username, password } = inbox.smtp;
  return (
    <section class="settings-part" aria-labelledby="credentials-title">
      <h3 id="credentials-title">Credentials</h3>
      <dl class="secrets">
        <Secret name="SMTP user name" value={username} />
        {password ? (
          <Secret name="SMTP password" value={password} />
        ) : (
          <div>
            <dt>SMTP password</dt>
            <dd>any will do</dd>
          </div>
        )}
        <Secret name="API token" value={inbox.api_token} />
      </dl>
      <FormError error={error.value} fields={[]} />
      {asked.value ? (
        <p class="settings-ask">
          <span>What uses the old ones will be refused.</span>
          <button type="button" class="button" onClick={done}>
            Cancel
          </button>
          <button type="button" class="button" disabled={isBusy} onClick={submit}>
            Renew now
          </button>
        </p>
      ) : (
        <button
          type="button"
          class="button"
          onClick={() => {
            asked.value = true;
          }}
        >
          Renew password and token…
        </button>
      )}
    </section>
  );
}
