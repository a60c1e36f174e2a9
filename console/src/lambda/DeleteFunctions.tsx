import { useQueryClient } from '@tanstack/react-query';
import { notify } from '../app/notifications';
import { CopyCli } from '../ui/CopyCli';
import { DeleteDialog } from '../ui/DeleteDialog';
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
  const queries = useQueryClient();
  const what = version === undefined ? 'function' : 'version';
  const shown = version === undefined ? names : names.map((name) => `${name}, version ${version}`);
  const remove = async () => {
    for (const name of names) {
      await api.deleteFunction(name, version);
    }
    notify.success(`Deleted ${shown.join(', ')}`);
    onDeleted?.();
    await queries.invalidateQueries({ queryKey: [...key, version === undefined ? 'functions' : 'versions'] });
  };
  const [one] = names;
  return (
    <DeleteDialog
      title={names.length === 1 ? `Delete ${what}?` : `Delete ${names.length} functions?`}
      names={shown}
      warning={
        version === undefined
          ? 'Its code, versions and aliases go with it. State machines that call it will fail.'
          : 'Who calls this version will fail. An alias that names it must be changed first.'
      }
      onConfirm={remove}
      onClose={onClose}
      extra={
        names.length === 1 ? (
          <CopyCli service="lambda" operation="DeleteFunction" input={{ FunctionName: one, Qualifier: version }} />
        ) : null
      }
    />
  );
}
