import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import { errorText } from '../app/notifications';
import { AwsError } from '../aws/errors';
import { refusedIn } from './refusal';
import type { Refused } from './useSaving';

interface Props {
  readonly error: unknown;
  /** What the editor says of a text that cannot be read: the server says less. */
  readonly broken: string | undefined;
  /** Goes to a place as the server writes it; to where the text is broken if that is empty. */
  readonly onPlace: (location: string) => void;
}

/** Why a definition was refused, in the server's words, each problem by itself and linked to its place. */
export function Refusal({ error, broken, onPlace }: Props) {
  const refused = refusedIn(error);
  if (refused === undefined || !(error instanceof AwsError)) return <>{errorText(error)}</>;
  return (
    <div className="ce-refusal">
      {`${error.code}: ${refused.before}`}
      <ul>
        {refused.problems.map(({ said, location }, at) => (
          <li key={at}>
            {location === '' ? null : `${said} at `}
            <button type="button" onClick={() => onPlace(location)}>{location === '' ? (broken ?? said) : location}</button>
          </li>
        ))}
      </ul>
      {error.requestId === '' ? null : <Box color="inherit" fontSize="body-s">{`request id ${error.requestId}`}</Box>}
    </div>
  );
}

interface BannerProps extends Omit<Props, 'error'> {
  readonly refused: Refused;
  readonly onDismiss: () => void;
}

/** The same above what was refused: there it takes room from the text, not from what is said of the text. */
export function RefusalBanner({ refused: { what, error }, onDismiss, ...place }: BannerProps) {
  return (
    <div className="ce-banner" role="alert">
      <Alert type="error" header={what} dismissible i18nStrings={{ dismissAriaLabel: 'Dismiss' }} onDismiss={onDismiss}>
        <Refusal error={error} {...place} />
      </Alert>
    </div>
  );
}
