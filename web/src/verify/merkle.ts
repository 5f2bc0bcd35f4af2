// RFC 6962 trees, the proofs checked as RFC 9162 §2.1.3.2 and §2.1.4.2 say.
import { type Bytes, equal, sha256 } from '../base/bytes';

export const leafHash = (leaf: Uint8Array): Promise<Bytes> => sha256(Uint8Array.of(0), leaf);
export const nodeHash = (left: Uint8Array, right: Uint8Array): Promise<Bytes> => sha256(Uint8Array.of(1), left, right);

// Sizes are below 2^53; halving by arithmetic, since the bit operators stop at 2^32.
const half = (n: number): number => Math.floor(n / 2);
const odd = (n: number): boolean => n % 2 === 1;

export async function rootFromInclusion(leaf: Uint8Array, index: number, size: number, proof: Uint8Array[]): Promise<Bytes | null> {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return null;
  let fn = index;
  let sn = size - 1;
  let root = leaf as Bytes;
  for (const node of proof) {
    if (sn === 0 || node.length !== 32) return null;
    if (odd(fn) || fn === sn) {
      root = await nodeHash(node, root);
      while (!odd(fn) && fn !== 0) { fn = half(fn); sn = half(sn); }
    } else {
      root = await nodeHash(root, node);
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 ? root : null;
}

export async function verifyInclusion(leaf: Uint8Array, index: number, size: number, proof: Uint8Array[], root: Uint8Array): Promise<boolean> {
  const found = await rootFromInclusion(leaf, index, size, proof);
  return found !== null && equal(found, root);
}

export async function verifyConsistency(oldSize: number, newSize: number, proof: Uint8Array[], oldRoot: Uint8Array, newRoot: Uint8Array): Promise<boolean> {
  if (!Number.isSafeInteger(oldSize) || !Number.isSafeInteger(newSize) || oldSize < 0 || oldSize > newSize) return false;
  if (proof.some((node) => node.length !== 32)) return false;
  if (oldSize === 0) return false;  // an empty tree proves nothing; whoever holds one asks for none
  if (oldSize === newSize) return proof.length === 0 && equal(oldRoot, newRoot);
  let fn = oldSize - 1;
  let sn = newSize - 1;
  while (odd(fn)) { fn = half(fn); sn = half(sn); }
  const nodes = [...proof];
  if (fn === 0) nodes.unshift(oldRoot);  // a power of two: the old root is the first node itself
  const first = nodes.shift();
  if (!first) return false;
  let oldHash = first as Bytes;
  let newHash = first as Bytes;
  for (const node of nodes) {
    if (sn === 0) return false;
    if (odd(fn) || fn === sn) {
      oldHash = await nodeHash(node, oldHash);
      newHash = await nodeHash(node, newHash);
      while (!odd(fn) && fn !== 0) { fn = half(fn); sn = half(sn); }
    } else {
      newHash = await nodeHash(newHash, node);
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 && equal(oldHash, oldRoot) && equal(newHash, newRoot);
}

// The root of all leaves, for small trees and tests.
export async function treeRoot(leaves: Uint8Array[]): Promise<Bytes> {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leafHash(leaves[0]!);
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(await treeRoot(leaves.slice(0, split)), await treeRoot(leaves.slice(split)));
}
