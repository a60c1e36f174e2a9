import Box from '@cloudscape-design/components/box';
import { errorText } from '../app/notifications';
import { AwsError } from '../aws/errors';
import { refusedIn } from './refusal';

interface Props {
  readonly error: unknown;
  /** Goes to a place as the server writes it; to where the text is broken if that is empty. */
  readonly onPlace: (location: string) => void;
}

/** Why a definition was refused, in the server's words, each problem by itself and linked to its place. */
export function Refusal({ error, onPlace }: Props) {
  const refused = refusedIn(error);
  if (refused === undefined || !(error instanceof AwsError)) return <>{errorText(error)}</>;
  return (
    <div className="ce-refusal">
      {`${error.code}: ${refused.before}`}
      <ul>
        {refused.problems.map(({ said, location }, at) => (
          <li key={at}>
            {location === '' ? null : `${said} at `}
            <button type="button" onClick={() => onPlace(location)}>{location === '' ? said : location}</button>
          </li>
        ))}
      </ul>
      {error.requestId === '' ? null : <Box color="inherit" fontSize="body-s">{`request id ${error.requestId}`}</Box>}
    </div>
  );
}
