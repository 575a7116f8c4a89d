using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Reflection;

namespace VmDeploy.Help;

/// <summary>A parameter, as its attributes and its initial value describe it.</summary>
internal sealed class CommandParameter
{
    private readonly IReadOnlyList<Binding> _bindings;

    /// <param name="property">The property that is the parameter.</param>
    /// <param name="instance">A fresh cmdlet.</param>
    public CommandParameter(PropertyInfo property, object instance)
    {
        Name = property.Name;
        Owner = property.GetMethod!.GetBaseDefinition().DeclaringType!.Name;
        Type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        _bindings = [.. property.Attributes<ParameterAttribute>().Select(attribute => new Binding(attribute))];
        Aliases = [.. property.Attributes<AliasAttribute>().SelectMany(attribute => attribute.Texts())];
        HasWildcards = property.Attributes<SupportsWildcardsAttribute>().Any();
        Values = property.Attributes<ValidateSetAttribute>().FirstOrDefault()?.Texts() ?? (Type.IsEnum ? Enum.GetNames(Type) : []);
        Default = AsText(property.GetValue(instance));
    }

    private CommandParameter(string name, string alias)
    {
        Name = name;
        Owner = nameof(PSCmdlet);
        Type = typeof(SwitchParameter);
        _bindings = [new Binding(Binding.AllSets)];
        Aliases = [alias];
        Default = "False";
    }

    /// <summary>The parameters that PowerShell adds to every cmdlet with confirmation.</summary>
    public static IReadOnlyList<CommandParameter> OfShouldProcess { get; } = [new("WhatIf", "wi"), new("Confirm", "cf")];

    public string Name { get; }

    /// <summary>The class that declares it first: cmdlets that inherit or override it share its text.</summary>
    public string Owner { get; }

    public Type Type { get; }

    public IReadOnlyList<string> Aliases { get; }

    public bool HasWildcards { get; }

    /// <summary>The only values that it accepts; empty for any value.</summary>
    public IReadOnlyList<string> Values { get; } = [];

    public string Default { get; }

    public bool IsSwitch => Type == typeof(SwitchParameter);

    public bool IsHidden => _bindings[0].IsHidden;

    public IEnumerable<string> Sets => _bindings.Select(binding => binding.Set).Where(set => set != Binding.AllSets);

    /// <summary>How it is bound in a parameter set; null if it is not in the set.</summary>
    public Binding? In(string set) =>
        _bindings.FirstOrDefault(binding => binding.Set == set) ?? _bindings.FirstOrDefault(binding => binding.Set == Binding.AllSets);

    /// <summary>How it is bound in the first set that has it.</summary>
    public Binding First => _bindings[0];

    private static string AsText(object? value) => value switch
    {
        null or "" or PSCredential => "None",
        SwitchParameter => "False",
        string text => text,
        IEnumerable list => string.Join(", ", list.Cast<object>().Select(AsText)) is { Length: > 0 } text ? text : "None",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
