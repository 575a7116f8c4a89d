using System.Globalization;
using System.Management.Automation;
using System.Reflection;

namespace VmDeploy.Help;

/// <summary>How a parameter is bound in one parameter set.</summary>
/// <param name="Set">The parameter set.</param>
internal sealed record Binding(string Set)
{
    /// <summary>The name for all parameter sets.</summary>
    public const string AllSets = "__AllParameterSets";

    public Binding(CustomAttributeData attribute)
        : this(attribute.Named(nameof(ParameterAttribute.ParameterSetName), AllSets))
    {
        IsRequired = attribute.Named(nameof(ParameterAttribute.Mandatory), false);
        IsHidden = attribute.Named(nameof(ParameterAttribute.DontShow), false);
        var position = attribute.Named(nameof(ParameterAttribute.Position), int.MinValue);
        Position = position == int.MinValue ? null : position;
        var byValue = attribute.Named(nameof(ParameterAttribute.ValueFromPipeline), false);
        var byName = attribute.Named(nameof(ParameterAttribute.ValueFromPipelineByPropertyName), false);
        var ways = string.Join(", ", new[] { byValue ? "ByValue" : null, byName ? "ByPropertyName" : null }.OfType<string>());
        PipelineInput = ways.Length > 0 ? $"True ({ways})" : "False";
    }

    public bool IsRequired { get; }

    public bool IsHidden { get; }

    /// <summary>From 0; null for a parameter that is bound by its name only.</summary>
    public int? Position { get; }

    public string PositionText => Position?.ToString(CultureInfo.InvariantCulture) ?? "named";

    public string PipelineInput { get; } = "False";
}
