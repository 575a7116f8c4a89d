using System.Linq;
using System.Management.Automation;
using System.Reflection;

namespace VmDeploy.PowerShell;

/// <summary>
/// PowerShell passes over a property that it can't convert to its parameter's type, one of another parameter set, and the second
/// of two that mean the same parameter, without a word. For a job file that would mean another job than the one written down.
/// </summary>
internal static class PassedOver
{
    /// <summary>Refuses an object of the pipeline with a value that no parameter has taken, though one is called so.</summary>
    /// <param name="cmdlet">The cmdlet, with its parameters bound.</param>
    /// <param name="input">The object, or null.</param>
    /// <param name="parameterSet">The present parameter set.</param>
    /// <exception cref="VmDeployException"><c>PipelineValueInvalid</c>.</exception>
    public static void Refuse(PSCmdlet cmdlet, PSObject? input, string parameterSet)
    {
        if (input?.BaseObject is not PSCustomObject)
            return;
        string? chosen = null, other = null;
        foreach (var parameter in cmdlet.GetType().GetProperties())
        {
            var sets = parameter.GetCustomAttributes<ParameterAttribute>().Where(p => p.ValueFromPipelineByPropertyName).Select(p => p.ParameterSetName).ToList();
            var names = parameter.GetCustomAttributes<AliasAttribute>().SelectMany(a => a.AliasNames).Prepend(parameter.Name);
            var given = names.Select(name => input.Properties[name]).Where(found => found?.Value is not null).ToList();
            if (sets.Count == 0 || given.Count == 0)
                continue;
            if (given.Count > 1)
                throw Refused(given[1], $"'{given[0].Name}' and '{given[1].Name}' both mean -{parameter.Name}.");
            if (!sets.Contains(ParameterAttribute.AllParameterSets))
            {
                if (!sets.Contains(parameterSet))
                {
                    other = given[0].Name;
                    continue;
                }
                chosen = given[0].Name;
            }
            if (cmdlet.MyInvocation.BoundParameters.ContainsKey(parameter.Name))
                continue;
            var type = System.Nullable.GetUnderlyingType(parameter.PropertyType) ?? parameter.PropertyType;
            var wanted = type.IsEnum ? $"one of {string.Join(", ", System.Enum.GetNames(type))}" : $"a value for -{parameter.Name} ({type.Name})";
            throw Refused(given[0], $"'{given[0].Value}' under '{given[0].Name}' is not {wanted}.");
        }
        // What was typed chooses before what the file says; two keys of the file that exclude each other are a mistake in it.
        if (chosen is not null && other is not null)
            throw Refused(input.Properties[other], $"'{chosen}' and '{other}' do not go together.");
    }

    private static VmDeployException Refused(PSPropertyInfo given, string message) => new(ErrorCodes.PipelineValueInvalid, message, given.Name);
}
