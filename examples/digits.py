"""
Handwritten digits
==================

scikit-learn's 1797 small images, by an estimator with its interface: which digits are confused, and what
the first layer looks at.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.metrics import confusion_matrix as count
from sklearn.model_selection import train_test_split

from deltaprop import MLPClassifier
from deltaprop.plots import confusion_matrix, weight_images

x, x_test, t, t_test = train_test_split(*load_digits(return_X_y=True), random_state=0)

# %%
# The last epoch's weights are those of the best validation score.

model = MLPClassifier((36,), learning_rate_init=0.01, scale_inputs=True, early_stopping=True, random_state=0)
model.fit(x, t)
print(f"{model.n_iter_} epochs, accuracy on {len(x_test)} other images: {model.score(x_test, t_test):.1%}")

# %%
# Rows are true digits, columns predicted ones; and the weights of each hidden unit as an image.

fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4.6), layout="constrained")
confusion_matrix(count(t_test, model.predict(x_test)), ax=left)
weight_images(model.network_, (8, 8), ax=right)
plt.show()
