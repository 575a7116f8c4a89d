using System.Linq;
using System.Management.Automation;
using System.Reflection;

namespace VmDeploy.PowerShell;

/// <summary>
/// PowerShell passes over a property that it can't convert to its parameter's type, without a word. For a job file that would
/// mean another job than the one written down.
/// </summary>
internal static class PassedOver
{
    /// <summary>Refuses an object of the pipeline with a value that no parameter has taken.</summary>
    /// <param name="cmdlet">The cmdlet, with its parameters bound.</param>
    /// <param name="input">The object, or null.</param>
    /// <param name="parameterSet">The present parameter set; the others' parameters are not looked at.</param>
    /// <exception cref="VmDeployException"><c>PipelineValueInvalid</c>.</exception>
    public static void Refuse(PSCmdlet cmdlet, PSObject? input, string parameterSet)
    {
        if (input?.BaseObject is not PSCustomObject)
            return;
        foreach (var parameter in cmdlet.GetType().GetProperties().Where(p => Takes(p, parameterSet)))
        {
            if (cmdlet.MyInvocation.BoundParameters.ContainsKey(parameter.Name))
                continue;
            var names = parameter.GetCustomAttributes<AliasAttribute>().SelectMany(a => a.AliasNames).Prepend(parameter.Name);
            if (names.Select(name => input.Properties[name]).FirstOrDefault(found => found?.Value is not null) is { } given)
            {
                var type = System.Nullable.GetUnderlyingType(parameter.PropertyType) ?? parameter.PropertyType;
                var wanted = type.IsEnum ? $"one of {string.Join(", ", System.Enum.GetNames(type))}" : $"a value for -{parameter.Name} ({type.Name})";
                throw new VmDeployException(ErrorCodes.PipelineValueInvalid, $"'{given.Value}' under '{given.Name}' is not {wanted}.", given.Name);
            }
        }
    }

    private static bool Takes(PropertyInfo property, string parameterSet) => property.GetCustomAttributes<ParameterAttribute>().Any(p =>
        p.ValueFromPipelineByPropertyName && (p.ParameterSetName == ParameterAttribute.AllParameterSets || p.ParameterSetName == parameterSet));
}
