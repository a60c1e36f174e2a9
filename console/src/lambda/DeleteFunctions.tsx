import { DeleteEach } from '../ui/DeleteEach';
import { useLambda } from './useLambda';

interface Props {
  readonly names: readonly string[];
  /** Of this version only. */
  readonly version?: string;
  readonly onClose: () => void;
  readonly onDeleted?: () => void;
}

export function DeleteFunctions({ names, version, onClose, onDeleted }: Props) {
  const { api, key } = useLambda();
  const isWhole = version === undefined;
  return (
    <DeleteEach
      one={isWhole ? 'function' : 'version'}
      items={names}
      nameOf={(name) => (isWhole ? name : `${name}, version ${version}`)}
      warning={
        isWhole
          ? 'Its code, versions and aliases go with it. State machines that call it will fail.'
          : 'Who calls this version will fail. An alias that names it must be changed first.'
      }
      remove={(name) => api.deleteFunction(name, version)}
      callOf={(name) => ({ service: 'lambda', operation: 'DeleteFunction', input: { FunctionName: name, Qualifier: version } })}
      lists={[[...key, isWhole ? 'functions' : 'versions']]}
      onClose={onClose}
      onDeleted={onDeleted}
    />
  );
}
