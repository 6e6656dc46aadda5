// The visitor's language: every text is written in English and looked up in the payload's strings.
// Words that follow a number name both of their forms: "{count} {count:row|rows}".

export function translator(strings) {
  return function say(english, values = {}) {
    const template = strings?.[english] ?? english;
    return template.replace(/\{(\w+)(?::([^{}|]*)\|([^{}|]*))?\}/g, (field, name, one, many) => {
      if (!(name in values)) return field;
      const value = String(values[name]);
      if (many === undefined) return value;
      return value === "1" ? one : many;
    });
  };
}

// A visitor's token inside a sentence: its direction must not turn the sentence around.
export function isolated(text) {
  return `\u2068${text}\u2069`;
}

// White space is a token too, and must be seen.
export function visibleToken(token) {
  if (token === "") return "∅";
  if (token.trim() !== "") return token;
  return token.replace(/ /g, "␣").replace(/\t/g, "⇥").replace(/\n/g, "↵");
}
