import { useState } from 'react';
import type { Picture } from './picture';

interface Named {
  readonly bucket?: string;
  readonly key?: string;
}

/** The picture that a page is about: the object that its address names, or a file, which no address can name. */
export function usePicture({ bucket, key }: Named, onObject: (named: Named) => void): [Picture | undefined, (picture: Picture | undefined) => void] {
  const [file, setFile] = useState<Picture>();
  const object: Picture | undefined = bucket === undefined || key === undefined ? undefined : { kind: 'object', bucket, key };
  const choose = (picture: Picture | undefined) => {
    if (picture?.kind !== 'object') {
      setFile(picture);
      onObject({});
    } else {
      setFile(undefined);
      onObject({ bucket: picture.bucket, key: picture.key });
    }
  };
  return [object ?? file, choose];
}
