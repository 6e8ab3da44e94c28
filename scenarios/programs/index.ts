/*
 * The built-in programs by name.
 */
import { cat } from './cat.ts';
import { dd } from './dd.ts';
import type { BuiltIn } from './define.ts';
import { echo } from './echo.ts';
import { imp2Kernel } from './imp2-kernel.ts';
import { imp2User } from './imp2-user.ts';
import { poolKernel } from './pool-kernel.ts';
import { poolUser } from './pool-user.ts';

const all: readonly BuiltIn[] = [imp2Kernel, imp2User, poolKernel, poolUser, cat, dd, echo];

export const programs: ReadonlyMap<string, BuiltIn> = new Map(all.map((one) => [one.name, one]));
