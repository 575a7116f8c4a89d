namespace VmDeploy.PowerShell;

/// <summary>
/// Accepts the name of something that a host has, or the object itself, which stands for its name and keeps its session. An object of
/// another kind, or a whole object from a file, is refused: PowerShell would convert it to text.
/// </summary>
/// <param name="type">The kind, for example <see cref="VmDatastore"/>.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class HostObjectNameAttribute(Type type) : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        // PowerShell tries the object's properties only after an invalid cast.
        if (inputData is PSObject { BaseObject: PSCustomObject })
            throw new ArgumentTransformationMetadataException($"The name of a {type.Name} is required.", new PSInvalidCastException());
        var given = PlainValue.Of(inputData);
        if (given is not (HostObject or VmPlace))
            return inputData;
        return type.IsInstanceOfType(given) ? SessionText.Of(given)
            : throw new ArgumentTransformationMetadataException($"'{given}' is a {given.GetType().Name}, not a {type.Name}.");
    }
}
