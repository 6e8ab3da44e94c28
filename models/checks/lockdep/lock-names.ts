/*
 * Locks and their classes by the names that the trace tells, register_lock_class() of
 * kernel/locking/lockdep.c. What is told like a lock but is none (maps) has names of its own.
 */
import type { Texts } from '../../../engine/index.ts';
import { LockClass, type LockInstance } from './lock-class.ts';
import { FS_RECLAIM } from './maps.ts';
import { ENABLED_HARDIRQ, ENABLED_SOFTIRQ, USED } from './usage.ts';

export class LockNames {
  private readonly texts: Texts;
  /** By the text ids of their names. */
  private readonly locks: (LockInstance | undefined)[] = [];
  private readonly maps: (LockInstance | undefined)[] = [];
  private readonly classes = new Map<string, LockClass>();

  constructor(texts: Texts) {
    this.texts = texts;
  }

  /** The lock of that name. Of one that nobody has taken yet the class may be unknown: 0. */
  lock(object: number, classText = 0): LockInstance {
    const known = this.locks[object];
    if (known !== undefined && (classText === 0 || known.classText === classText)) return known;
    return (this.locks[object] = this.instance(object, classText, false));
  }

  map(object: number): LockInstance {
    return (this.maps[object] ??= this.instance(object, 0, true));
  }

  private instance(object: number, classText: number, isMap: boolean): LockInstance {
    const name = this.texts.text(object);
    const className = classText === 0 ? name : this.texts.text(classText);
    return { name, className, classText, classes: [], isMap };
  }

  classOf(instance: LockInstance, subclass: number): LockClass {
    return (instance.classes[subclass] ??= this.register(instance, subclass));
  }

  private register({ className, isMap }: LockInstance, subclass: number): LockClass {
    const name = subclass === 0 ? className : `${className}/${subclass}`;
    const key = isMap ? `map ${name}` : name;
    let made = this.classes.get(key);
    if (made === undefined) {
      made = new LockClass(this.classes.size, name, isMap);
      if (isMap && name === FS_RECLAIM) {
        made.usage = (1 << ENABLED_HARDIRQ) | (1 << ENABLED_SOFTIRQ) | (1 << USED);
      }
      this.classes.set(key, made);
    }
    return made;
  }
}
