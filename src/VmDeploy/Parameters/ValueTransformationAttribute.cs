namespace VmDeploy.PowerShell;

/// <summary>
/// Converts a parameter's value more strictly than PowerShell, which rounds 2.5 to 2 and takes <c>$true</c> for 1: a job file
/// must not give a different job. A null value, and an empty cell of a CSV file, count as absent.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public abstract class ValueTransformationAttribute : ArgumentTransformationAttribute
{
    /// <summary>The value for an absent one.</summary>
    public object? Absent { get; set; }

    /// <inheritdoc/>
    public sealed override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : inputData;
        return value is null or "" ? Absent : Convert(value);
    }

    /// <summary>Converts a given value.</summary>
    protected abstract object Convert(object value);

    /// <summary>The error for a value that is not valid.</summary>
    protected static ArgumentTransformationMetadataException Refusal(object value, string wanted) =>
        new($"'{(value is string text ? text : LanguagePrimitives.ConvertTo<string>(value))}' is not {wanted}.");
}

/// <summary>A whole number between two limits.</summary>
/// <param name="minimum">The smallest.</param>
/// <param name="maximum">The largest.</param>
public sealed class WholeNumberAttribute(long minimum, long maximum) : ValueTransformationAttribute
{
    /// <summary>The smallest.</summary>
    public long Minimum { get; } = minimum;

    /// <summary>The largest.</summary>
    public long Maximum { get; } = maximum;

    /// <summary>The unit in messages.</summary>
    public string? Unit { get; set; }

    /// <inheritdoc/>
    protected override object Convert(object value)
    {
        decimal? number = value switch
        {
            sbyte or byte or short or ushort or int or uint or long or ulong or decimal => System.Convert.ToDecimal(value, CultureInfo.InvariantCulture),
            float or double when Math.Abs(System.Convert.ToDouble(value, CultureInfo.InvariantCulture)) < 1e15 =>
                System.Convert.ToDecimal(value, CultureInfo.InvariantCulture),
            string text when decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) => parsed,
            _ => null,
        };
        return number is { } whole && whole == decimal.Truncate(whole) && whole >= Minimum && whole <= Maximum
            ? (long)whole
            : throw Refusal(value, $"a whole number from {Minimum} to {Maximum}{(Unit is null ? "" : $", in {Unit}")}");
    }
}

/// <summary>One or more sizes in GiB.</summary>
public sealed class SizeGBAttribute : ValueTransformationAttribute
{
    /// <inheritdoc/>
    protected override object Convert(object value) => value is System.Collections.IEnumerable and not string
        ? LanguagePrimitives.GetEnumerable(value).Cast<object?>().Select(Read).ToArray()
        : Read(value);

    /// <summary>Converts one size.</summary>
    internal static double Read(object? value) => PlainValue.Of(value) switch
    {
        sbyte or byte or short or ushort or int or uint or long or ulong or float or double or decimal =>
            System.Convert.ToDouble(value, CultureInfo.InvariantCulture),
        string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) => parsed,
        _ => throw Refusal(value ?? "", "a size in GB"),
    };
}

/// <summary>One name of an enumeration; numbers and lists are not allowed.</summary>
/// <param name="type">The enumeration.</param>
public sealed class EnumNameAttribute(Type type) : ValueTransformationAttribute
{
    /// <summary>The enumeration.</summary>
    public Type Type { get; } = type;

    /// <summary>May stand before a name.</summary>
    public string Prefix { get; set; } = "";

    /// <inheritdoc/>
    protected override object Convert(object value)
    {
        if (value.GetType() == Type)
            return value;
        var name = value is string text
            ? Enum.GetNames(Type).FirstOrDefault(one => new[] { one, Prefix + one }.Contains(text.Trim(), StringComparer.OrdinalIgnoreCase))
            : null;
        return name is null ? throw Refusal(value, $"one of {string.Join(", ", Enum.GetNames(Type))}") : Enum.Parse(Type, name);
    }
}

/// <summary>A switch that a file can set to true or false.</summary>
public sealed class FlagAttribute : ValueTransformationAttribute
{
    /// <summary>Creates the attribute; an absent flag is false.</summary>
    public FlagAttribute() => Absent = false;

    /// <inheritdoc/>
    protected override object Convert(object value) => value switch
    {
        bool or SwitchParameter => value,
        string text when bool.TryParse(text, out var flag) => flag,
        _ => throw Refusal(value, "true or false"),
    };
}
