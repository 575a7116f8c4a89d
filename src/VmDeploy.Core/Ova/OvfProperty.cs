using System;
using System.Collections.Generic;

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

    /// <summary><c>class.key.instance</c> without the empty parts: what a host is told.</summary>
    public string FullKey => (Class.Length > 0 ? Class + "." : "") + Key + (Instance.Length > 0 ? "." + Instance : "");

    /// <summary>Short name.</summary>
    public string? Label { get; init; }

    /// <summary>What it is for.</summary>
    public string? Description { get; init; }

    /// <summary>The category it stands under.</summary>
    public string? Category { get; init; }

    /// <summary>Users may set it.</summary>
    public bool IsUserConfigurable { get; init; }

    /// <summary>Not to be shown.</summary>
    public bool IsPassword { get; init; }

    /// <summary>Qualifier MinLen.</summary>
    public int? MinLength { get; init; }

    /// <summary>Qualifier MaxLen.</summary>
    public int? MaxLength { get; init; }

    /// <summary>Qualifier ValueMap; empty when any value is allowed.</summary>
    public IReadOnlyList<string> AllowedValues { get; init; } = [];

    /// <summary>Default value under no particular deployment option.</summary>
    public string? DefaultValue { get; init; }

    /// <summary>Default value by deployment option.</summary>
    public IReadOnlyDictionary<string, string> OptionDefaults { get; init; } = new Dictionary<string, string>();

    /// <summary>The default under a deployment option.</summary>
    public string? GetDefault(string? deploymentOption) =>
        deploymentOption is not null && OptionDefaults.TryGetValue(deploymentOption, out string? value) ? value : DefaultValue;

    /// <summary>A user must give a value: there is no default, and an empty value is not allowed.</summary>
    public bool IsRequired(string? deploymentOption) => throw new NotImplementedException();

    /// <summary>Checks a value and returns it as a host wants it (booleans as True or False).</summary>
    /// <exception cref="VmDeployException"><c>OvfPropertyInvalid</c>.</exception>
    public string Validate(string value) => throw new NotImplementedException();
}
