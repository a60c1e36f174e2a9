import ExpandableSection from '@cloudscape-design/components/expandable-section';
import { CodeBox } from './CodeBox';
import type { Failure } from './failure';
import './failure.css';
import { JsonView } from './JsonView';

interface Props {
  readonly failure: Failure;
  /** The cause as it was told; none where it stands elsewhere. */
  readonly cause?: string | undefined;
}

/** Longer messages are read in the cause. */
const MESSAGE_CHARS = 600;

/** Why something failed: the message, the stack trace, and the cause as it was told. */
export function FailureText({ failure: { message, trace }, cause }: Props) {
  const isCut = message.length > MESSAGE_CHARS;
  const isPlain = !isCut && (cause === undefined || cause === message);
  if (message === '' && trace === undefined) {
    return cause === undefined || cause === '' ? null : <JsonView name="cause" text={cause} />;
  }
  return (
    <>
      <div className="failure-message">{isCut ? `${message.slice(0, MESSAGE_CHARS)}…` : message}</div>
      {trace === undefined ? null : (
        <ExpandableSection headerText="Stack trace">
          <CodeBox wraps name="stack trace" text={trace} />
        </ExpandableSection>
      )}
      {isPlain ? null : (
        <ExpandableSection headerText="Whole cause">
          <JsonView name="cause" text={cause ?? message} />
        </ExpandableSection>
      )}
    </>
  );
}
