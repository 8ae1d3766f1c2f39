using System.Globalization;

namespace Hypermesh.Bpf.Tool.Screens;

/// <summary>Values in a fixed number of cells: a value changes its unit, never its width, and one that does not fit is shown as greater than what fits.</summary>
internal static class Units
{
    private const int NumberWidth = 5;
    private const int WithUnit = 6;

    /// <summary>Five cells: <c>41.2k</c>, <c>  120</c>.</summary>
    internal static string Number(double value)
    {
        string sign = value < 0 ? "-" : "";
        value = Math.Abs(value);
        foreach (string suffix in (ReadOnlySpan<string>)["", "k", "M", "G", "T"])
        {
            if (value < 999.5)
            {
                // The sign takes the place of a digit.
                string digits = sign.Length == 0 ? Digits(value, isWhole: suffix.Length == 0) : value.ToString(value < 9.95 ? "F1" : "F0", CultureInfo.InvariantCulture);
                return (sign + digits + suffix).PadLeft(NumberWidth);
            }

            value /= 1000;
        }

        return sign + ">999T"[..(NumberWidth - sign.Length)];
    }

    /// <summary>Six cells: <c>41.2kB</c>.</summary>
    internal static string Bytes(double value) => Number(value) + "B";

    /// <summary>Six cells: <c>15.3us</c>, <c>1.02ms</c>, <c> 1.20s</c>, <c> 4m10s</c>.</summary>
    internal static string Time(double seconds)
    {
        string text = seconds switch
        {
            <= 0 => "0s",
            < 999.5e-9 => Digits(seconds * 1e9, isWhole: true) + "ns",
            < 999.5e-6 => Digits(seconds * 1e6, isWhole: false) + "us",
            < 999.5e-3 => Digits(seconds * 1e3, isWhole: false) + "ms",
            < 99.95 => Digits(seconds, isWhole: false) + "s",
            < 3600 => Long((long)seconds, 60, 'm', 's'),
            < 86_400 => Long((long)(seconds / 60), 60, 'h', 'm'),
            < 100 * 86_400 => Long((long)(seconds / 3600), 24, 'd', 'h'),
            _ => ((long)(seconds / 86_400)).ToString(CultureInfo.InvariantCulture) + "d",
        };
        return text.Length <= WithUnit ? text.PadLeft(WithUnit) : ">9999d";
    }

    /// <summary>Six cells: <c>  2.1%</c>, <c> 1495%</c>.</summary>
    internal static string Percent(double share)
    {
        double percent = share * 100;
        string text = Math.Abs(percent) < 999.95 ? percent.ToString("F1", CultureInfo.InvariantCulture) + "%" : percent.ToString("F0", CultureInfo.InvariantCulture) + "%";
        text = text == "-0.0%" ? "0.0%" : text;
        return text.Length <= WithUnit ? text.PadLeft(WithUnit) : ">9999%";
    }

    /// <summary>A percentage with two digits, for errors: <c>0.02%</c>, <c>-1.50%</c>.</summary>
    internal static string Error(double share)
    {
        string text = (share * 100).ToString("F2", CultureInfo.InvariantCulture) + "%";
        return text == "-0.00%" ? "0.00%" : text;
    }

    // Three digits.
    private static string Digits(double value, bool isWhole)
        => isWhole && (value == Math.Floor(value) || value >= 99.95) ? Math.Round(value).ToString("F0", CultureInfo.InvariantCulture)
            : value < 9.995 ? value.ToString(isWhole ? "F1" : "F2", CultureInfo.InvariantCulture)
            : value < 99.95 ? value.ToString("F1", CultureInfo.InvariantCulture)
            : value.ToString("F0", CultureInfo.InvariantCulture);

    private static string Long(long value, int per, char unit, char part)
        => string.Create(CultureInfo.InvariantCulture, $"{value / per}{unit}{value % per:00}{part}");
}
