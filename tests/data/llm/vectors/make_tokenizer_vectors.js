// Writes tokenizer_vectors.json: what Hugging Face's tokenizers library makes of texts, for the pipelines of the model
// families (over the vocabularies of ../gpt2_encoder and ../stories260K_hf). Run: npm install tokenizers@0.23.2, then
//   node make_tokenizer_vectors.js
const fs = require('fs');
const path = require('path');
const { Tokenizer } = require('tokenizers');

const here = __dirname;
const gpt2 = {
  vocab: JSON.parse(fs.readFileSync(path.join(here, '../gpt2_encoder/encoder.json'))),
  merges: fs.readFileSync(path.join(here, '../gpt2_encoder/vocab.bpe'), 'utf8').split('\n').slice(1).filter((l) => l),
};
const storiesFile = JSON.parse(fs.readFileSync(path.join(here, '../stories260K_hf/tokenizer.json')));
const stories = { vocab: storiesFile.model.vocab, merges: storiesFile.model.merges };

const added = (id, content, more = {}) => ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true, ...more });
const template = (name, id) => ({
  type: 'TemplateProcessing',
  single: [{ SpecialToken: { id: name, type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
  pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 0 } }],
  special_tokens: { [name]: { id: name, ids: [id], tokens: [name] } },
});
const split = (expression) => ({ type: 'Split', pattern: { Regex: expression }, behavior: 'Isolated', invert: false });
const bytes = (more = {}) => ({ type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: true, ...more });
const cl100k = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const replaceSpace = { type: 'Replace', pattern: { String: ' ' }, content: '▁' };
const spDecoder = (strip) => ({
  type: 'Sequence',
  decoders: [{ type: 'Replace', pattern: { String: '▁' }, content: ' ' }, { type: 'ByteFallback' }, { type: 'Fuse' }, ...(strip ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : [])],
});
const spAdded = [added(0, '<unk>'), added(1, '<s>'), added(2, '</s>')];
const sp = (more) => ({ base: 'stories', added_tokens: spAdded, normalizer: null, pre_tokenizer: null, post_processor: template('<s>', 1), decoder: spDecoder(true), model: { unk_token: '<unk>', fuse_unk: true, byte_fallback: true }, ...more });
const bl = (more) => ({ base: 'gpt2', added_tokens: [added(50256, '<|endoftext|>')], normalizer: null, pre_tokenizer: bytes(), post_processor: bytes(), decoder: bytes(), model: {}, ...more });

const pipelines = {
  gpt2: bl({}),
  opt: bl({ added_tokens: [added(50256, '<|endoftext|>', { normalized: true }), added(50257, '<pad>')], pre_tokenizer: bytes({ add_prefix_space: true }), post_processor: template('<|endoftext|>', 50256) }),
  roberta: bl({ added_tokens: [added(50256, '<|endoftext|>'), added(50257, '<mask>', { lstrip: true })], post_processor: { type: 'RobertaProcessing', sep: ['<mask>', 50257], cls: ['<|endoftext|>', 50256], trim_offsets: false, add_prefix_space: false } }),
  llama3: bl({ pre_tokenizer: { type: 'Sequence', pretokenizers: [split(cl100k), bytes({ use_regex: false })] }, model: { ignore_merges: true }, post_processor: { type: 'Sequence', processors: [bytes(), template('<|endoftext|>', 50256)] } }),
  qwen2: bl({ normalizer: { type: 'NFC' }, added_tokens: [added(50256, '<|endoftext|>'), added(50257, 'tool_call', { special: false, single_word: true }), added(50258, 'THINK', { special: false, normalized: true, rstrip: true })], pre_tokenizer: { type: 'Sequence', pretokenizers: [split(cl100k.replace('{1,3}', '')), bytes({ use_regex: false })] } }),
  digits: bl({ normalizer: { type: 'Sequence', normalizers: [{ type: 'NFKC' }, { type: 'Lowercase' }, { type: 'Strip', strip_left: true, strip_right: true }] }, pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'Digits', individual_digits: true }, { type: 'Punctuation', behavior: 'Contiguous' }, bytes()] } }),
  llama2: sp({ normalizer: { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: '▁' }, replaceSpace] } }),
  llama2_metaspace: sp({ pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: false }, decoder: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: false } }),
  metaspace_always: sp({ pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true }, decoder: { type: 'Sequence', decoders: [{ type: 'ByteFallback' }, { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true }] }, added_tokens: [...spAdded, added(512, '<tool>', { special: false, lstrip: true, rstrip: true })] }),
  gemma: sp({ normalizer: replaceSpace, pre_tokenizer: { type: 'Split', pattern: { String: ' ' }, behavior: 'MergedWithPrevious', invert: false }, decoder: spDecoder(false), added_tokens: [...spAdded, added(512, '\n\n', { special: false }), added(513, '▁▁▁', { special: false, normalized: true })] }),
  no_fallback: sp({ normalizer: { type: 'Prepend', prepend: '▁' }, pre_tokenizer: { type: 'WhitespaceSplit' }, model: { unk_token: '<unk>', fuse_unk: true, byte_fallback: false }, post_processor: null, decoder: null }),
  no_fuse: sp({ pre_tokenizer: { type: 'Whitespace' }, model: { unk_token: '<unk>', fuse_unk: false, byte_fallback: false }, post_processor: null, decoder: null }),
};

// A small generator, so that the same texts come out everywhere.
let state = 12345n;
const random = (n) => {
  state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
  return Number((state >> 33n) % BigInt(n));
};
const pools = ['abcdefg hello the said ', "'s'T'll'RE'ſ don't ", '0123456789 ½²٣५', ' \t\n\r\u000b\u0085\u00a0\u2003\u3000  ', '.,!?-_=+*/()[]{}<>|#@~`$^&', 'éüñçÅİẞßÀe\u0301o\u0308', 'привет мир', '今日は世界。한국어', '🌍🇪🇸👩\u200d⚕️☺️', '▁', '\u0000\u0007\u00ad\u200b\ufeff\ue000\u{10ffff}'];
const randomText = () => {
  let text = '';
  for (let i = 1 + random(12); i > 0; --i) {
    const characters = [...pools[random(pools.length)]];
    for (let j = 1 + random(6); j > 0; --j) text += characters[random(characters.length)];
  }
  return text;
};
const texts = ['', ' ', '  ', '\n', '\r\n', '\t\tx', ' a', 'a ', 'Hello, World! How are you today? 🌍', "I'm sure they'll say we've won, DON'T you? '", 'x  y   z    ',
  'line one\r\n\r\nline two\n  indented\n', '12345 and 1,000,000.5', 'e\u0301 \u00e9 ﬁ Ⅷ ℌ', '▁ literal ▁▁▁', '<s>once</s> upon <unk>', 'a<|endoftext|>b <|endoftext|> c', 'use tool_call now, tool_calls and my_tool_call', 'THINK  about it THINKTHINK',
  'see <tool> here<tool>', 'mask <mask> it', 'a\n\nb\n\n\nc', '   three   six      ', 'こんにちは、世界！', 'Привет, мир!', '안녕하세요', '👩\u200d⚕️👨\u200d👩\u200d👧', 'def f(x):\n\treturn x**2  # ok\n', 'ÀÉ İstanbul Straße ẞ', '\u0000\u0001\u007f', '\ufeffBOM', 'Once upon a time, there was a little girl named Lily.', 'Once upon a time, Zürich was café 漢字',
  'Below is an instruction that describes a task.\n\n### Instruction:\nSay hi\n\n### Response:', 'Below is an instruction that describes a task.\n\n### Instruction:\nSay hi\n\n### Response:\n'];
while (texts.length < 75) texts.push(randomText());

(async () => {
  const out = { made_with: 'npm tokenizers 0.23.2 (Hugging Face, Apache-2.0)', texts, pipelines: {} };
  for (const [name, pipeline] of Object.entries(pipelines)) {
    const { base, model, ...rest } = pipeline;
    const full = { version: '1.0', truncation: null, padding: null, ...rest, model: { type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: false, byte_fallback: false, ignore_merges: false, ...model, ...(base === 'gpt2' ? gpt2 : stories) } };
    const tokenizer = Tokenizer.fromString(JSON.stringify(full));
    const cases = [];
    for (const text of texts) {
      const encoding = await tokenizer.encode(text, null, { addSpecialTokens: true });
      const ids = encoding.getIds();
      cases.push({ ids, offsets: encoding.getOffsets().flat(), decoded: await tokenizer.decode(ids, false), plain: await tokenizer.decode(ids, true) });
    }
    out.pipelines[name] = { base, model, rest, cases };
  }
  fs.writeFileSync(path.join(here, 'tokenizer_vectors.json'), JSON.stringify(out));
})();
