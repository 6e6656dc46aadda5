// Numbers for a reader: few digits, a true minus sign, powers of ten as superscripts.

const MINUS = "\u2212";
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

export function powerOfTen(exponent) {
  const digits = String(Math.abs(exponent));
  const raised = [...digits].map((digit) => SUPERSCRIPTS[Number(digit)]).join("");
  return `10${exponent < 0 ? "⁻" : ""}${raised}`;
}

// 0.5 -> "0.500", -12.3 -> "−12.30", 0.000012 -> "1.2×10⁻⁵": three or four significant digits.
export function formatNumber(value) {
  if (!Number.isFinite(value)) {
    return Number.isNaN(value) ? "–" : value > 0 ? "∞" : `${MINUS}∞`;
  }
  const size = Math.abs(value);
  const sign = value < 0 ? MINUS : "";
  if (Number.isInteger(value) && size < 10000) return sign + String(size);
  if (size >= 0.00995 && size < 9999.5) {
    return sign + size.toFixed(size < 9.9995 ? 3 : size < 99.995 ? 2 : size < 999.95 ? 1 : 0);
  }
  // Not by dividing by a power of ten: below 1e-308 there are none left to divide by.
  const [leading, exponent] = size.toExponential(1).split("e");
  return `${sign}${leading}×${powerOfTen(Number(exponent))}`;
}

// The factor from one step to the next: "×0.42".
export function formatFactor(value) {
  if (Number.isNaN(value)) return "";
  if (!Number.isFinite(value)) return "×∞";
  if (value === 0) return "×0";
  if (value < 0.00995 || value >= 999.5) return `×${formatNumber(value)}`;
  return `×${value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0)}`;
}

// A probability: "62 %", and never "0 %" or "100 %" for what is only close to it.
export function formatPercent(value) {
  if (!Number.isFinite(value)) return "–";
  const percent = value * 100;
  if (percent > 0 && percent < 0.1) return "<0.1 %";
  if (percent < 100 && percent > 99.9) return ">99.9 %";
  const decimals = percent !== 0 && percent !== 100 && (percent < 10 || percent > 99) ? 1 : 0;
  return `${percent.toFixed(decimals)} %`;
}
