namespace VmDeploy.Simulator.Esxi.Core;

/// <summary>The name of the managed object type, if it is not that of the class.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class VimNameAttribute(string name) : Attribute
{
    public string Name => name;
}

/// <summary>
/// A property of the managed object. Its name is that of the C# property, beginning in lower case.
/// </summary>
/// <param name="type">Its type in the schema; <c>*</c> at the end for an array.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class VimPropertyAttribute(string type) : Attribute
{
    public string Type => type.TrimEnd('*');

    public bool IsArray => type.EndsWith('*');

    /// <summary>The wire name, if the C# property has another.</summary>
    public string? Name { get; init; }
}

/// <summary>A property that the type has and this simulator never sets.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false, AllowMultiple = true)]
internal sealed class VimUnsetAttribute(string name, string type) : Attribute
{
    public string Name => name;

    public string Type => type;
}

/// <summary>
/// A method of the managed object. Its wire name is that of the C# method. It takes a <see cref="VimCall"/> and returns
/// the result (nothing, an object, or a task of one); one that returns at once runs under the host's lock.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class VimMethodAttribute : Attribute
{
    /// <summary>It may be called before login.</summary>
    public bool Anonymous { get; init; }

    /// <summary>It changes the host, so that a free licence or a managing vCenter refuses it.</summary>
    public bool Writes { get; init; }

    /// <summary>A standalone host answers NotSupported.</summary>
    public bool VCenterOnly { get; init; }

    /// <summary>The API version that introduced it; older hosts don't have it.</summary>
    public string Since { get; init; } = "0.0";
}
