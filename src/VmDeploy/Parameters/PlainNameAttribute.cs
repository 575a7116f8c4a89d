namespace VmDeploy.PowerShell;

/// <summary>Takes names as they are, but not a whole object of a file, which PowerShell would turn into a text: its Name binds instead.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PlainNameAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        // PowerShell goes on to the object's properties after an invalid cast, and only then.
        inputData is PSObject { BaseObject: PSCustomObject }
            ? throw new ArgumentTransformationMetadataException("A name is needed.", new PSInvalidCastException())
            : inputData;
}
