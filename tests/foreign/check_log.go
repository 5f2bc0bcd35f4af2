// Reads a folder of tlog-tiles with Go's sumdb/note and sumdb/tlog: signature, every record hash, inclusion and consistency.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

var folder string

func read(path string) []byte {
	data, err := os.ReadFile(filepath.Join(folder, path))
	if err != nil {
		log.Fatal(err)
	}
	return data
}

// c2sp gives a tile's path: sumdb's own has the height in it and calls data tiles "data".
func c2sp(tile tlog.Tile) string {
	path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
	return strings.Replace(path, "tile/data/", "tile/entries/", 1)
}

type reader struct{}

func (reader) Height() int { return 8 }
func (reader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		data, err := os.ReadFile(filepath.Join(folder, c2sp(tile)))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}
func (reader) SaveTiles([]tlog.Tile, [][]byte) {}

func open(path string, verifier note.Verifier) (tlog.Tree, *note.Note) {
	signed, err := note.Open(read(path), note.VerifierList(verifier))
	if err != nil {
		log.Fatal(path, ": ", err)
	}
	lines := strings.Split(signed.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		log.Fatalf("%s: not a checkpoint: %q", path, signed.Text)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		log.Fatal(err)
	}
	hash, err := tlog.ParseHash(lines[2])
	if err != nil {
		log.Fatal(err)
	}
	return tlog.Tree{N: size, Hash: hash}, signed
}

// cosigner is a witness's key as sumdb/note wants one: C2SP tlog-cosignature, which the package does not know itself.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
	at   time.Time
}

func newCosigner(vkey string) (*cosigner, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("not a verifier key")
	}
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(raw) != 1+ed25519.PublicKeySize || raw[0] != 4 {
		return nil, errors.New("not the key of a witness")
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), raw...))
	hash := binary.BigEndian.Uint32(sum[:])
	if parts[1] != fmt.Sprintf("%08x", hash) {
		return nil, errors.New("the id does not follow from name and key")
	}
	return &cosigner{name: parts[0], hash: hash, key: raw[1:]}, nil
}
func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }
func (c *cosigner) Verify(text, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	seconds := binary.BigEndian.Uint64(sig)
	c.at = time.Unix(int64(seconds), 0)
	return ed25519.Verify(c.key, []byte(fmt.Sprintf("cosignature/v1\ntime %d\n%s", seconds, text)), sig[8:])
}

func hashes(lines string) (first, size int64, proof []tlog.Hash) {
	rows := strings.Split(strings.TrimSuffix(lines, "\n"), "\n")
	if _, err := fmt.Sscan(rows[0], &first, &size); err != nil {
		log.Fatal(err)
	}
	for _, row := range rows[1:] {
		hash, err := tlog.ParseHash(row)
		if err != nil {
			log.Fatal(err)
		}
		proof = append(proof, hash)
	}
	return first, size, proof
}

func main() {
	folder = os.Args[1]
	verifier, err := note.NewVerifier(string(read("key")))
	if err != nil {
		log.Fatal(err)
	}
	tree, signed := open("checkpoint", verifier)
	if len(signed.UnverifiedSigs) != 1 {
		log.Fatal("the cosignature is not where Go looks for signatures of other keys")
	}
	half, _ := open("checkpoint.half", verifier)
	witness, err := newCosigner(string(read("witness_key")))
	if err != nil {
		log.Fatal(err)
	}
	both, err := note.Open(read("checkpoint"), note.VerifierList(verifier, witness))
	if err != nil || len(both.Sigs) != 2 || len(both.UnverifiedSigs) != 0 {
		log.Fatal("Go does not find both signatures on the cosigned checkpoint: ", err)
	}
	if witness.at.Unix() != 1795397300 {
		log.Fatal("the cosignature is of another time: ", witness.at)
	}

	// Go signs the same text with our private key to the same bytes.
	signer, err := note.NewSigner(string(read("private_key")))
	if err != nil {
		log.Fatal(err)
	}
	again, err := note.Sign(&note.Note{Text: signed.Text}, signer)
	if err != nil {
		log.Fatal(err)
	}
	if !bytes.HasPrefix(read("checkpoint"), again) {
		log.Fatal("Go signs the checkpoint otherwise")
	}

	// Every record, against hashes that TileHashReader has proven against the root.
	trusted := tlog.TileHashReader(tree, reader{})
	var leaves [][]byte
	for first := int64(0); first < tree.N; first += 256 {
		width := tree.N - first
		if width > 256 {
			width = 256
		}
		bundle := read(c2sp(tlog.Tile{H: 8, L: -1, N: first / 256, W: int(width)}))
		var indexes []int64
		var records []tlog.Hash
		for i := int64(0); i < width; i++ {
			size := int(binary.BigEndian.Uint16(bundle))
			record := bundle[2 : 2+size]
			bundle = bundle[2+size:]
			if !json.Valid(record) {
				log.Fatalf("record %d is not JSON", first+i)
			}
			leaves = append(leaves, record)
			records = append(records, tlog.RecordHash(record))
			indexes = append(indexes, tlog.StoredHashIndex(0, first+i))
		}
		if len(bundle) != 0 {
			log.Fatal("a bundle does not come out even")
		}
		proven, err := trusted.ReadHashes(indexes)
		if err != nil {
			log.Fatal(err)
		}
		for i := range records {
			if records[i] != proven[i] {
				log.Fatalf("record %d is not the one of the tree", first+int64(i))
			}
		}
	}

	// Our proofs by Go's checks, and Go's proofs equal to ours.
	found, _ := filepath.Glob(filepath.Join(folder, "inclusion", "*"))
	for _, path := range found {
		index, size, proof := hashes(string(read("inclusion/" + filepath.Base(path))))
		if size != tree.N {
			log.Fatal("a proof for another size")
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(leaves[index])); err != nil {
			log.Fatal("inclusion ", index, ": ", err)
		}
		theirs, err := tlog.ProveRecord(tree.N, index, trusted)
		if err != nil || fmt.Sprint([]tlog.Hash(theirs)) != fmt.Sprint(proof) {
			log.Fatal("Go proves record ", index, " otherwise: ", err)
		}
	}
	trees, _ := filepath.Glob(filepath.Join(folder, "consistency", "*"))
	for _, path := range trees {
		old, _, proof := hashes(string(read("consistency/" + filepath.Base(path))))
		root, err := tlog.TreeHash(old, trusted)
		if err != nil {
			log.Fatal(err)
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, old, root); err != nil {
			log.Fatal("consistency ", old, ": ", err)
		}
		if old == half.N && root != half.Hash {
			log.Fatal("the checkpoint at half the size is of another tree")
		}
	}
	if len(found) < 5 || len(trees) < 4 {
		log.Fatal("proofs are missing")
	}

	// The proof of a receipt, by the words of C2SP tlog-proof.
	var receipt struct{ Leaf, Proof string }
	if err := json.Unmarshal(read("receipt.json"), &receipt); err != nil {
		log.Fatal(err)
	}
	head, checkpoint, _ := strings.Cut(receipt.Proof, "\n\n")
	if _, err := note.Open([]byte(checkpoint), note.VerifierList(verifier)); err != nil {
		log.Fatal(err)
	}
	rows := strings.Split(head, "\n")
	if rows[0] != "c2sp.org/tlog-proof@v1" || rows[1] != "index 3" {
		log.Fatal("not a tlog-proof")
	}
	var proof tlog.RecordProof
	for _, row := range rows[2:] {
		raw, err := base64.StdEncoding.DecodeString(row)
		if err != nil || len(raw) != tlog.HashSize {
			log.Fatal(errors.New("not a hash"))
		}
		proof = append(proof, *(*tlog.Hash)(raw))
	}
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, 3, tlog.RecordHash([]byte(receipt.Leaf))); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d records, %d inclusion and %d consistency proofs, a receipt: all as Go has them\n", tree.N, len(found), len(trees))
}
