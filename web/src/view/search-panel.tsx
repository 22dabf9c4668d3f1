import type { ApiError } from "../api";
import type { Suggestion } from "../state/completion";
import { list } from "../state/mailbox";
import { Icon } from "./icons";

/** The query's letters around what is wrong with it. */
function faultOf(error: ApiError) {
  const fault = error.fields.find(({ field }) => field === "query");
  const letters = [...list.value.query.value];
  const at = Math.min(fault?.position ?? letters.length, letters.length);
  return {
    text: sentence(fault?.detail ?? error.message),
    before: letters.slice(0, at).join(""),
    from: letters.slice(at).join(""),
  };
}

/** What is wrong with the query, and where in it. */
function Fault({ text, before, from }: ReturnType<typeof faultOf>) {
  return (
    <div class="search-fault" id="search-error" role="alert">
      <p>
        <Icon name="warning" /> {text}
      </p>
      <code aria-hidden="true">
        {before}
        <mark>{from || " "}</mark>
      </code>
    </div>
  );
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

interface Props {
  suggestions: readonly Suggestion[];
  chosen: number;
  take(suggestion: Suggestion): void;
}

/** Below the search field: what is wrong with the query, and how it may go on. */
export function SearchPanel({ suggestions, chosen, take }: Props) {
  const error = list.value.queryError.value;
  const fault = error && faultOf(error);
  const isBegun = suggestions.length > 0;
  const isWrong = fault && (fault.from !== "" || !isBegun); // what is begun is not wrong yet
  return (
    <div class="search-panel" hidden={!isBegun && !isWrong}>
      <ul id="search-options" role="listbox" aria-label="Suggestions">
        {suggestions.map((suggestion, index) => (
          <li
            key={suggestion.text}
            id={`search-option-${index}`}
            role="option"
            aria-selected={index === chosen}
            // The field keeps the focus.
            onMouseDown={event => event.preventDefault()}
            onClick={() => take(suggestion)}
          >
            <code>{suggestion.text}</code>
            <span>{suggestion.hint}</span>
          </li>
        ))}
      </ul>
      {isWrong && <Fault {...fault} />}
    </div>
  );
}
