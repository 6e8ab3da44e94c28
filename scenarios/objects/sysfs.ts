/*
 * The object type attribute: a file of sysfs whose methods are actors.
 */
import { z } from 'zod';
import { fsEras } from '../../models/fs/era.ts';
import { Attribute } from '../../models/fs/sysfs.ts';
import { ScenarioError } from '../run/error.ts';
import { serveFileCall, type CallArguments } from '../run/file-calls.ts';
import { objectType, type ObjectType } from './object-type.ts';

export const attributeType: ObjectType = objectType(
  {
    name: 'attribute',
    fields: z.strictObject({
      show: z
        .string()
        .optional()
        .describe('The actor of kind callback that prints it: it exits with the length.'),
      store: z
        .string()
        .optional()
        .describe('The actor that takes what is written: it exits with the argument `count`.'),
      mode: z.int().min(0).max(0o777).default(0o644).describe('Permissions (decimal 420 is 0644).'),
    }),
    about: 'An attribute of a device, `/sys/NAME`, once sysfs_create_file has made it.',
    source: 'fs/sysfs/file.c',
  },
  (world, name, { show, store, mode }) => {
    const { era } = world.machine;
    if (fsEras[era.name].sysfsOverflow === null) {
      throw new ScenarioError(null, `objects.${name}: ${era.name} has no sysfs`);
    }
    return new Attribute({
      name,
      mode,
      show:
        show === undefined ? null : (k, page) => serveFileCall(k, { page }, world.callback(show)),
      store:
        store === undefined
          ? null
          : (k, page, count) => {
              const args: CallArguments = new Map([['count', count]]);
              return serveFileCall(k, { page, args }, world.callback(store));
            },
    });
  },
);
