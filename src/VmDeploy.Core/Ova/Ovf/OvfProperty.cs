using System.Net;

namespace VmDeploy.Ova;

/// <summary>A property of a ProductSection: a value that the guest reads at its first start.</summary>
/// <param name="Key"><c>ovf:key</c>.</param>
/// <param name="Type"><c>ovf:type</c> in lower case without qualifiers, for example <c>string</c>, <c>boolean</c>, <c>uint16</c>, <c>ip</c>.</param>
public sealed record OvfProperty(string Key, string Type)
{
    /// <summary>Class of the product section, or empty.</summary>
    public string Class { get; init; } = "";

    /// <summary>Instance of the product section, or empty.</summary>
    public string Instance { get; init; } = "";

    /// <summary><c>class.key.instance</c> without the empty parts: the name that a host gets.</summary>
    public string FullKey => (Class.Length > 0 ? Class + "." : "") + Key + (Instance.Length > 0 ? "." + Instance : "");

    /// <summary>Short name.</summary>
    public string? Label { get; init; }

    /// <summary>Its purpose.</summary>
    public string? Description { get; init; }

    /// <summary>Its category.</summary>
    public string? Category { get; init; }

    /// <summary>Users can set it.</summary>
    public bool IsUserConfigurable { get; init; }

    /// <summary>The value must not be displayed.</summary>
    public bool IsPassword { get; init; }

    /// <summary>Qualifier MinLen.</summary>
    public int? MinLength { get; init; }

    /// <summary>Qualifier MaxLen.</summary>
    public int? MaxLength { get; init; }

    /// <summary>Qualifier ValueMap; empty when any value is allowed.</summary>
    public IReadOnlyList<string> AllowedValues { get; init => field = value.AsText(); } = Array.Empty<string>().AsText();

    /// <summary>Default value without a deployment option.</summary>
    public string? DefaultValue { get; init; }

    /// <summary>Default value by deployment option.</summary>
    public IReadOnlyDictionary<string, string> OptionDefaults { get; init; } = new TextMap(new Dictionary<string, string>());

    /// <summary>The default under a deployment option.</summary>
    public string? GetDefault(string? deploymentOption) =>
        deploymentOption is not null && OptionDefaults.TryGetValue(deploymentOption, out var value) ? value : DefaultValue;

    /// <summary>A user must give a value unless the chosen deployment option has a default.</summary>
    public bool Required => IsRequired(null);

    /// <summary>A user must give a value: the property has no default, and an empty value is not allowed.</summary>
    public bool IsRequired(string? deploymentOption) =>
        IsUserConfigurable && string.IsNullOrEmpty(GetDefault(deploymentOption))
        && (MinLength > 0 || (AllowedValues.Count > 0 && !AllowedValues.Contains("")));

    /// <summary>Checks a value and returns it in the form for a host (booleans as True or False).</summary>
    /// <exception cref="VmDeployException"><c>OvfPropertyInvalid</c>.</exception>
    public string Validate(string value)
    {
        if (FindProblem(value) is not { } problem)
            return Type == "boolean" ? bool.Parse(value).ToString() : value;
        var shown = IsPassword ? "The value" : $"The value '{value}'";
        throw new VmDeployException(ErrorCodes.OvfPropertyInvalid, $"{shown} of the property '{FullKey}' {problem}.", FullKey);
    }

    /// <inheritdoc/>
    public override string ToString() => PrintableText.Escape(FullKey);

    private string? FindProblem(string value)
    {
        if (AllowedValues.Count > 0 && !AllowedValues.Contains(value))
            return $"is not one of {Names.List(AllowedValues)}";
        if (value.Length < MinLength)
            return $"has {value.Length} characters, fewer than {MinLength}";
        if (value.Length > MaxLength)
            return $"has {value.Length} characters, more than {MaxLength}";
        return Type switch
        {
            "boolean" => bool.TryParse(value, out _) ? null : "is neither true nor false",
            "uint8" => Whole(value, byte.MinValue, byte.MaxValue),
            "sint8" => Whole(value, sbyte.MinValue, sbyte.MaxValue),
            "uint16" => Whole(value, ushort.MinValue, ushort.MaxValue),
            "sint16" => Whole(value, short.MinValue, short.MaxValue),
            "uint32" => Whole(value, uint.MinValue, uint.MaxValue),
            "sint32" or "int" => Whole(value, int.MinValue, int.MaxValue),
            "uint64" => Whole(value, ulong.MinValue, ulong.MaxValue),
            "sint64" => Whole(value, long.MinValue, long.MaxValue),
            "real" or "real32" or "real64" =>
                double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _) ? null : "is not a number",
            // An empty value requests an address by DHCP.
            "ip" => value.Length == 0 || IPAddress.TryParse(value, out _) ? null : "is not an IP address",
            _ => null,
        };
    }

    private static string? Whole(string value, decimal min, decimal max) =>
        decimal.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? null
            : FormattableString.Invariant($"is not a whole number from {min} to {max}");
}
