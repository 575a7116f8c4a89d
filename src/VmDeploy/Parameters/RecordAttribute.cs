using System.Collections;

namespace VmDeploy.PowerShell;

/// <summary>Refuses a hashtable from the pipeline, whose entries PowerShell does not bind to parameters.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RecordAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        PlainValue.Of(inputData) is IDictionary
            ? throw new ArgumentTransformationMetadataException(
                "The keys of a hashtable from the pipeline don't bind to parameters. Convert it to an object, for example [pscustomobject]$table; for JSON, omit -AsHashtable. A deployment is given as -Deployment.")
            : inputData;
}
