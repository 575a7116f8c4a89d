using System.Net;
using System.Net.NetworkInformation;
using System.Text;

namespace VmDeploy.PowerShell;

/// <summary>Accepts a text, or what has an obvious one, such as a number or a date; PowerShell would make a text of any object.</summary>
[AttributeUsage(AttributeTargets.Property)]
public class PlainTextAttribute : ArgumentTransformationAttribute
{
    /// <summary>Whether a list of them is accepted too.</summary>
    public bool List { get; set; }

    /// <summary>A kind of object whose own text is meant, too.</summary>
    public Type? Also { get; set; }

    /// <summary>What is accepted, for messages.</summary>
    protected virtual string Wanted => "A text";

    /// <inheritdoc/>
    public sealed override object? Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        List && LanguagePrimitives.GetEnumerable(inputData) is { } list ? list.Cast<object?>().Select(Convert).ToArray() : Convert(inputData);

    /// <summary>Converts a value.</summary>
    /// <exception cref="ArgumentTransformationMetadataException">It has no obvious text.</exception>
    protected virtual object? Convert(object? value) =>
        PlainValue.Of(value) is null or IConvertible or IFormattable or Uri or Version or IPAddress or PhysicalAddress or StringBuilder ? value
        : Also?.IsInstanceOfType(PlainValue.Of(value)) == true ? PlainValue.Of(value)!.ToString()
        : throw Refusal($"{Wanted} is required, and {TextValue.Misfit(value) ?? $"a value of type {PlainValue.Of(value)!.GetType().Name}"} was given.");

    // PowerShell tries the properties of a pipeline object only after an invalid cast.
    private protected static ArgumentTransformationMetadataException Refusal(string message) => new(message, new PSInvalidCastException());
}

/// <summary>Accepts texts and numbers as names; not true and false, which nobody means as a name.</summary>
public sealed class NameTextAttribute : PlainTextAttribute
{
    /// <inheritdoc/>
    protected override string Wanted => "A name";

    /// <inheritdoc/>
    protected override object? Convert(object? value) => PlainValue.Of(value) is bool ? throw Refusal($"'{value}' is not a name.") : base.Convert(value);
}

/// <summary>Accepts the path of a local file or folder as a text, or the file, folder or location itself.</summary>
public sealed class LocalPathAttribute : PlainTextAttribute
{
    /// <inheritdoc/>
    protected override string Wanted => "A path";

    /// <inheritdoc/>
    protected override object? Convert(object? value) => PlainValue.Of(value) switch
    {
        FileSystemInfo file => file.FullName,
        PathInfo location => location.ProviderPath,
        _ => base.Convert(value),
    };
}
