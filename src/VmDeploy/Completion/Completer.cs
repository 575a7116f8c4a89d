using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.PowerShell;

/// <summary>
/// Completes an argument. At the prompt nothing is worse than an error or a wait: what fails or takes longer than
/// a second completes to nothing.
/// </summary>
internal abstract class Completer : IArgumentCompleter
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(900);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            using var limit = new CancellationTokenSource(s_patience);
            var work = Find(fakeBoundParameters);
            var found = Task.Run(() => work(limit.Token), CancellationToken.None);
            if (!found.Wait((int)s_patience.TotalMilliseconds))
                return [];
            var pattern = WildcardPattern.Get(wordToComplete.Trim('\'', '"') + "*", WildcardOptions.IgnoreCase);
            return found.Result.Where(one => one.Aliases.Prepend(one.Name).Any(pattern.IsMatch)).Select(one => one.ToResult()).ToList();
        }
        catch (Exception e) when (e is AggregateException or VmDeployException or RuntimeException)
        {
            return [];
        }
    }

    /// <summary>On the pipeline thread, prepares the search that then runs on the pool.</summary>
    internal abstract Func<CancellationToken, Task<IEnumerable<Completion>>> Find(IDictionary bound);
}
