namespace VmDeploy.PowerShell;

/// <summary>Accepts names, but not a whole object from a file, which PowerShell would convert to text: its Name binds instead.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PlainNameAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        // PowerShell tries the object's properties only after an invalid cast.
        inputData is PSObject { BaseObject: PSCustomObject }
            ? throw new ArgumentTransformationMetadataException("A name is required.", new PSInvalidCastException())
            : inputData;
}
